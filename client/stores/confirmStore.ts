/** The question before a store: modal, because a store cannot be undone. */
import { regionName } from '../words/describe';
import type { HostList } from '../hosts/hostList';
import { hostMarks, mustConfirm } from './hostConfirmation';
import { narrowHexDump } from './hexDump';
import { hex } from '../../storescript/values/hexInput';
import { preflight, storeTarget } from '../../storescript/values/preflight';
import { instructionWords } from './storeInstruction';
import type { PlannedStore } from './sendStore';
import { showWarningMessage } from '../sinks/dialogs';

/** How many bytes the dialog shows; it does not scroll well. */
const SHOWN_BYTES = 128;

/**
 * Names host, function, region and offset and shows the bytes.
 *
 * @param always asks even where the setting switches confirmation off, for stores that are repeated
 * @returns whether the store is to be sent
 * @throws UserError when the setting switches confirmation off where it may not
 */
export async function confirmStore(store: PlannedStore, hosts: HostList, always = false): Promise<boolean> {
  const { host, fn, region, offset, data } = store;
  if (!mustConfirm(hosts, host) && !always) return true;
  const { production } = hosts.settingsOf(host);
  const device = host.opened(fn.address);
  const answer = device?.regions.find((r) => r.index === region);
  const known = device && answer && !('error' in answer) ? storeTarget(answer, device) : undefined;
  const warnings = known ? preflight(known, offset, data.length).warnings : [];
  const shown = data.subarray(0, SHOWN_BYTES);
  const rest = data.length - shown.length;
  const send = production ? `Store ${data.length} Bytes in Production` : `Store ${data.length} Bytes`;
  const choice = await showWarningMessage(
    production
      ? `Store ${data.length} bytes to ${regionName(region)} of ${fn.address} on the production host ${host.name}?`
      : `Store ${data.length} bytes to ${regionName(region)} of ${fn.address} on ${host.name}?`,
    {
      modal: true,
      detail: [
        ...hostMarks(hosts, host),
        `Offset ${hex(offset)}. ${instructionWords([device?.driver || fn.driver])} It cannot be undone.`,
        ...warnings,
        narrowHexDump(shown) + (rest > 0 ? `\n… ${rest} more bytes` : ''),
      ].join('\n\n'),
    },
    send,
  );
  return choice === send;
}
