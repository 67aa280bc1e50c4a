/** What is asked before a plan is carried out. */
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
  return driver === null ? 'no driver' : neutralise(driver);
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
        ? `Bind ${neutralise(first.plan.address)} on ${first.hostName} to ${driver}?`
        : `Bind ${count} functions to ${driver}?`,
    button:
      forced.length > 0
        ? used
          ? 'Bind Although in Use'
          : 'Bind Although Use Is Unknown'
        : count === 1
          ? 'Bind'
          : `Bind ${count} Functions`,
    title: 'Bind Plan',
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
        ? `Restore ${neutralise(first.plan.address)} on ${first.hostName} to what it was: ${driverName(first.plan)}?`
        : `Restore ${count} functions to what they were?`,
    button: count === 1 ? 'Restore' : `Restore ${count} Functions`,
    title: 'Restore Plan',
    restoring: true,
  };
}
