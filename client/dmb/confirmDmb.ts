/** The questions before a buffer is registered: modal, because a store cannot be undone and the fabric is others' too. */
import * as vscode from 'vscode';
import type { HostList } from '../hosts/hostList';
import { neutralise } from '../../protocol/remoteText';
import { hostMarks, mustConfirm } from '../stores/hostConfirmation';
import { instructionWords } from '../stores/storeInstruction';
import { hex } from '../../storescript/values/hexInput';
import { dmbSize, type LoopbackEnd, type LoopbackPlan } from './loopback';
import { showWarningMessage } from '../sinks/dialogs';

/** What the settings of all hosts that take part make of it. @throws UserError when one of them refuses */
function mustAsk(hosts: HostList, ends: readonly LoopbackEnd[]): boolean {
  return ends.map(({ host }) => mustConfirm(hosts, host)).includes(true);
}

const place = ({ host, fn }: LoopbackEnd): string =>
  vscode.l10n.t('{0} on {1}', neutralise(fn.address), host.name);

function marks(hosts: HostList, ends: readonly LoopbackEnd[]): string[] {
  return [...new Set(ends.map(({ host }) => host))].flatMap((host) => hostMarks(hosts, host));
}

/** @returns whether the loopback is to be run */
export async function confirmLoopback(plan: LoopbackPlan, hosts: HostList): Promise<boolean> {
  const { from, to, sizes, offset } = plan;
  const ends = [from, to];
  if (!mustAsk(hosts, ends)) return true;
  const send = vscode.l10n.t('Register and Store {0} Times', sizes.length);
  const fabrics = new Set(ends.map(({ fn }) => fn.pchid));
  const choice = await showWarningMessage(
    vscode.l10n.t('Store {0} times from {1} into a buffer of {2}?', sizes.length, place(from), place(to)),
    {
      modal: true,
      detail: [
        ...marks(hosts, ends),
        vscode.l10n.t(
          '{0} registers signal bits, an event queue and a buffer of {1} bytes that only {2} may store into.',
          place(to),
          dmbSize(offset + Math.max(...sizes)),
          place(from),
        ),
        vscode.l10n.t(
          '{0} stores {1} random bytes to {2} of the buffer, one pwrite each, never repeated.',
          place(from),
          sizes.join(', '),
          hex(BigInt(offset)),
        ),
        instructionWords([from.fn.driver]),
        vscode.l10n.t('Everything is unregistered at the end, also when the link is lost.'),
        ...(fabrics.size > 1
          ? [vscode.l10n.t('Their PCHIDs differ, so they are probably not in one fabric.')]
          : []),
      ].join('\n\n'),
    },
    send,
  );
  return choice === send;
}

/** @param user the GID that may store into the buffer @returns whether it is to be registered */
export async function confirmWatch(
  to: LoopbackEnd,
  user: string,
  size: number,
  hosts: HostList,
): Promise<boolean> {
  if (!mustAsk(hosts, [to])) return true;
  const register = vscode.l10n.t('Register and Watch');
  const choice = await showWarningMessage(
    vscode.l10n.t('Register a buffer of {0} bytes with {1}?', size, place(to)),
    {
      modal: true,
      detail: [
        ...marks(hosts, [to]),
        vscode.l10n.t(
          'The function with GID {0} may store into it. It stays registered until you stop watching, close the device or disconnect.',
          user,
        ),
      ].join('\n\n'),
    },
    register,
  );
  return choice === register;
}
