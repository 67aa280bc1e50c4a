/** The question before a store: modal, because a store cannot be undone. */
import * as vscode from 'vscode';
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
  const send = production
    ? vscode.l10n.t('Store {0} Bytes in Production', data.length)
    : vscode.l10n.t('Store {0} Bytes', data.length);
  const choice = await showWarningMessage(
    production
      ? vscode.l10n.t(
          'Store {0} bytes to {1} of {2} on the production host {3}?',
          data.length,
          regionName(region),
          fn.address,
          host.name,
        )
      : vscode.l10n.t(
          'Store {0} bytes to {1} of {2} on {3}?',
          data.length,
          regionName(region),
          fn.address,
          host.name,
        ),
    {
      modal: true,
      detail: [
        ...hostMarks(hosts, host),
        vscode.l10n.t(
          'Offset {0}. {1} It cannot be undone.',
          hex(offset),
          instructionWords([device?.driver || fn.driver]),
        ),
        ...warnings,
        narrowHexDump(shown) + (rest > 0 ? `\n${vscode.l10n.t('… {0} more bytes', rest)}` : ''),
      ].join('\n\n'),
    },
    send,
  );
  return choice === send;
}
