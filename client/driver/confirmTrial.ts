/** The question before another driver is loaded into a kernel that is running. */
import * as vscode from 'vscode';
import type { HostList } from '../hosts/hostList';
import type { Host } from '../hosts/host';
import { neutralise } from '../../protocol/remoteText';
import { hostMarks } from '../stores/hostConfirmation';
import type { Present } from './swapModule';
import { showWarningMessage } from '../sinks/dialogs';

/** Names host, kernel, module and functions. @returns whether to go on */
export async function confirmTrial(
  hosts: HostList,
  host: Host,
  present: Present,
  addresses: readonly string[],
): Promise<boolean> {
  const { production } = hosts.settingsOf(host);
  const kernel = host.state.kind === 'connected' ? neutralise(host.state.hello.kernel) : '';
  const { name, loaded } = present.state;
  const load = production ? vscode.l10n.t('Load in Production') : vscode.l10n.t('Load');
  const lines = [
    ...hostMarks(hosts, host),
    vscode.l10n.t('Kernel: Linux {0}', kernel),
    loaded
      ? vscode.l10n.t('The module {0} that is loaded is replaced by the one that was just built.', name)
      : vscode.l10n.t('The module {0} is not loaded yet.', name),
    present.bound.length > 0
      ? vscode.l10n.t(
          'Unbound and bound again: {0}',
          present.bound.map(({ address }) => neutralise(address)).join(', '),
        )
      : vscode.l10n.t('Bound to the new module: {0}', addresses.map((one) => neutralise(one)).join(', ')),
    ...(present.unknownUse.length > 0
      ? [vscode.l10n.t('Whether others use it cannot be told: {0}', present.unknownUse.join(', '))]
      : []),
    vscode.l10n.t('It runs inside the kernel: a mistake in it can stop the host.'),
  ];
  const choice = await showWarningMessage(
    vscode.l10n.t('Load your {0} on {1}?', name, host.name),
    { modal: true, detail: lines.join('\n\n') },
    load,
  );
  return choice === load;
}

/** A single step, for hosts that are no lab. */
export async function confirmStep(host: Host, step: string): Promise<boolean> {
  const go = vscode.l10n.t('Go On');
  const choice = await showWarningMessage(
    vscode.l10n.t('{0} on {1}?', neutralise(step), host.name),
    { modal: true, detail: vscode.l10n.t('Cancel brings back what was there before.') },
    go,
  );
  return choice === go;
}
