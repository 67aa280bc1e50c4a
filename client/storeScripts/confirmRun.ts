/** The question before scripts run: once for all of their stores, because no store can be undone. */
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { hostMarks, mustConfirm } from '../stores/hostConfirmation';
import { showWarningMessage } from '../sinks/dialogs';
import { instructionWords } from '../stores/storeInstruction';

/** What will be sent to one function. */
export interface Load {
  readonly address: string;
  readonly fid: string | null;
  readonly driver: string | null;
  readonly tests: number;
  readonly stores: number;
}

/**
 * Names host, functions and how many stores there will be at most.
 *
 * @returns whether the tests are to be run
 * @throws UserError when the setting switches confirmation off where it may not
 */
export async function confirmRun(host: Host, hosts: HostList, loads: readonly Load[]): Promise<boolean> {
  if (!mustConfirm(hosts, host)) return true;
  const { production } = hosts.settingsOf(host);
  const sum = (of: (load: Load) => number): number => loads.reduce((total, load) => total + of(load), 0);
  const tests = sum((load) => load.tests);
  const stores = sum((load) => load.stores);
  const run = production ? `Run ${stores} Stores in Production` : `Run ${stores} Stores`;
  const choice = await showWarningMessage(
    `Run ${tests} test(s) with up to ${stores} stores on ${host.name}?`,
    {
      modal: true,
      detail: [
        ...hostMarks(hosts, host),
        ...loads.map((load) => `${load.address}, FID ${load.fid ?? '?'}: up to ${load.stores} stores`),
        instructionWords(loads.map((load) => load.driver)),
        'A store can write another system’s memory and cannot be undone.',
      ].join('\n\n'),
    },
    run,
  );
  return choice === run;
}
