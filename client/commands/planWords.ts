/** What is asked before a plan is carried out. */
import * as vscode from 'vscode';
import type { PlannedBind } from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';
import type { HostPlan } from './planText';

export interface PlanWords {
  readonly question: string;
  readonly button: string;
  /** Of the document that has the whole plan. */
  readonly title: string;
  readonly restoring: boolean;
}

/** The driver that a plan ends with. */
export function driverName({ driver }: PlannedBind): string {
  return driver === null ? vscode.l10n.t('no driver') : neutralise(driver);
}

/**
 * @param plans all that were made
 * @param possible those that will be carried out
 */
export function bindWords(plans: readonly HostPlan[], possible: readonly HostPlan[]): PlanWords {
  const count = possible.length;
  const forced = possible.filter(({ plan }) => plan.gravest === 'force');
  const used = forced.some(({ plan }) => plan.usage.state === 'in-use');
  const [first] = plans;
  const driver = first ? driverName(first.plan) : '';
  return {
    question:
      plans.length === 1 && first
        ? vscode.l10n.t('Bind {0} on {1} to {2}?', neutralise(first.plan.address), first.hostName, driver)
        : vscode.l10n.t('Bind {0} functions to {1}?', count, driver),
    button:
      forced.length > 0
        ? used
          ? vscode.l10n.t('Bind Although in Use')
          : vscode.l10n.t('Bind Although Use Is Unknown')
        : count === 1
          ? vscode.l10n.t('Bind')
          : vscode.l10n.t('Bind {0} Functions', count),
    title: vscode.l10n.t('Bind Plan'),
    restoring: false,
  };
}

/** As {@link bindWords}. */
export function restoreWords(plans: readonly HostPlan[], possible: readonly HostPlan[]): PlanWords {
  const count = possible.length;
  const [first] = plans;
  return {
    question:
      plans.length === 1 && first
        ? vscode.l10n.t(
            'Restore {0} on {1} to what it was: {2}?',
            neutralise(first.plan.address),
            first.hostName,
            driverName(first.plan),
          )
        : vscode.l10n.t('Restore {0} functions to what they were?', count),
    button: count === 1 ? vscode.l10n.t('Restore') : vscode.l10n.t('Restore {0} Functions', count),
    title: vscode.l10n.t('Restore Plan'),
    restoring: true,
  };
}
