/** The question before another driver is loaded into a kernel that is running. */
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
  const kernel = neutralise(host.kernel ?? '');
  const { name, loaded } = present.state;
  const load = production ? 'Load in Production' : 'Load';
  const lines = [
    ...hostMarks(hosts, host),
    `Kernel: Linux ${kernel}`,
    loaded
      ? `The module ${name} that is loaded is replaced by the one that was just built.`
      : `The module ${name} is not loaded yet.`,
    present.bound.length > 0
      ? `Unbound and bound again: ${present.bound.map(({ address }) => neutralise(address)).join(', ')}`
      : `Bound to the new module: ${addresses.map((one) => neutralise(one)).join(', ')}`,
    ...(present.unknownUse.length > 0
      ? [`Whether others use it cannot be told: ${present.unknownUse.join(', ')}`]
      : []),
    'It runs inside the kernel: a mistake in it can stop the host.',
  ];
  const choice = await showWarningMessage(
    `Load your ${name} on ${host.name}?`,
    { modal: true, detail: lines.join('\n\n') },
    load,
  );
  return choice === load;
}

/** A single step, for hosts that are no lab. */
export async function confirmStep(host: Host, step: string): Promise<boolean> {
  const go = 'Go On';
  const choice = await showWarningMessage(
    `${neutralise(step)} on ${host.name}?`,
    { modal: true, detail: 'Cancel brings back what was there before.' },
    go,
  );
  return choice === go;
}
