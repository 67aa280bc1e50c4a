/** The questions before a buffer is registered: modal, because a store cannot be undone and the fabric is others' too. */
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

const place = ({ host, fn }: LoopbackEnd): string => `${neutralise(fn.address)} on ${host.name}`;

function marks(hosts: HostList, ends: readonly LoopbackEnd[]): string[] {
  return [...new Set(ends.map(({ host }) => host))].flatMap((host) => hostMarks(hosts, host));
}

/** @returns whether the loopback is to be run */
export async function confirmLoopback(plan: LoopbackPlan, hosts: HostList): Promise<boolean> {
  const { from, to, sizes, offset } = plan;
  const ends = [from, to];
  if (!mustAsk(hosts, ends)) return true;
  const send = `Register and Store ${sizes.length} Times`;
  const fabrics = new Set(ends.map(({ fn }) => fn.pchid));
  const choice = await showWarningMessage(
    `Store ${sizes.length} times from ${place(from)} into a buffer of ${place(to)}?`,
    {
      modal: true,
      detail: [
        ...marks(hosts, ends),
        `${place(to)} registers signal bits, an event queue and a buffer of ${dmbSize(offset + Math.max(...sizes))} bytes that only ${place(from)} may store into.`,
        `${place(from)} stores ${sizes.join(', ')} random bytes to ${hex(BigInt(offset))} of the buffer, one pwrite each, never repeated.`,
        instructionWords([from.fn.driver]),
        'Everything is unregistered at the end, also when the link is lost.',
        ...(fabrics.size > 1 ? ['Their PCHIDs differ, so they are probably not in one fabric.'] : []),
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
  const register = 'Register and Watch';
  const choice = await showWarningMessage(
    `Register a buffer of ${size} bytes with ${place(to)}?`,
    {
      modal: true,
      detail: [
        ...marks(hosts, [to]),
        `The function with GID ${user} may store into it. It stays registered until you stop watching, close the device or disconnect.`,
      ].join('\n\n'),
    },
    register,
  );
  return choice === register;
}
