/**
 * *Test Store*: one command, one confirmation, one pwrite, one PCISTB. Nothing in this file repeats a store, whatever
 * happens to the connection.
 */
import * as vscode from 'vscode';
import type { IsmFunction, Region } from '../../protocol/helper';
import { pickFunction, pickRegion } from '../commands/pick';
import { isWritable, regionName } from '../explorer/describe';
import type { Node } from '../explorer/nodes';
import type { Host, OpenDevice } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../hosts/userError';
import { hex, parseHexData, parseOffset } from './hexInput';
import { narrowHexDump } from './hexDump';
import type { StoreJournal } from './journal';
import { preflight, type StoreTarget } from './preflight';
import { sendStore, type PlannedStore } from './sendStore';

/** What keybindings and tasks may give in advance; what is missing is asked for. Still confirmed. */
export interface StoreArguments {
  readonly host?: string;
  readonly function?: string;
  readonly region?: number;
  readonly offset?: string;
  readonly data?: string;
}

const title = (): string => vscode.l10n.t('Test Store');

export class TestStore {
  constructor(
    private readonly hosts: HostList,
    private readonly journal: StoreJournal,
  ) {}

  /** Runs the whole dialogue. @throws UserError or HelperError with what the user should be told */
  async run(from?: Node | StoreArguments): Promise<void> {
    const node = from && 'kind' in from ? from : undefined;
    const given: StoreArguments = from && !('kind' in from) ? from : {};
    const store = await this.plan(node, given);
    if (!store || !(await confirm(store))) return;
    const { record, sentence } = await sendStore(store, this.journal);
    if (record.outcome === 'ok') void vscode.window.showInformationMessage(sentence);
    else if (record.outcome === 'unknown') void vscode.window.showWarningMessage(sentence, { modal: true });
    else void vscode.window.showErrorMessage(sentence);
  }

  private async plan(node: Node | undefined, given: StoreArguments): Promise<PlannedStore | undefined> {
    const choice = await this.chooseFunction(node, given);
    if (!choice) return undefined;
    const { host, fn } = choice;
    const device = await host.open(fn.address);
    const none = vscode.l10n.t('{0} has no region that can be written.', fn.address);
    const index =
      given.region ?? (await pickRegion(node, `${title()}: ${fn.address}`, device.regions, isWritable, none));
    if (index === undefined) return undefined;
    const region = writable(device, index, fn);
    const target: StoreTarget = { regionSize: BigInt(region.size), imaxstbl: device.zpci.imaxstbl };
    const offset = await askOffset(region, target, given.offset);
    if (offset === undefined) return undefined;
    const data = await askData(region, target, offset, given.data);
    return data && { host, fn, handle: device.handle, region: index, offset, data };
  }

  private async chooseFunction(node: Node | undefined, given: StoreArguments) {
    if (given.host !== undefined || given.function !== undefined) {
      const hosts = this.hosts.connected.filter(
        (host) => given.host === undefined || host.name === given.host,
      );
      const found = hosts.flatMap((host) =>
        host.functions
          .filter((fn) => given.function === undefined || fn.address === given.function)
          .map((fn): { host: Host; fn: IsmFunction } => ({ host, fn })),
      );
      if (found.length !== 1)
        throw new UserError(
          found.length === 0
            ? 'The host or function of this store is not there; connect the host and check the function address.'
            : 'The host or function of this store is not unique; name both.',
        );
      return found[0];
    }
    return pickFunction(
      this.hosts,
      node,
      title(),
      (fn) => fn.vfio.state === 'ready' || fn.vfio.state === 'open',
      vscode.l10n.t('No function of the connected hosts is bound to a vfio driver; bind one first.'),
    );
  }
}

function writable(device: OpenDevice, index: number, fn: IsmFunction): Region {
  const region = device.regions.find((answer) => answer.index === index);
  if (!region || 'error' in region || !isWritable(region))
    throw new UserError(`${regionName(index)} of ${fn.address} cannot be written; choose BAR0 or BAR2.`);
  return region;
}

async function askOffset(region: Region, target: StoreTarget, given?: string): Promise<bigint | undefined> {
  const check = (text: string): string | undefined => {
    const offset = parseOffset(text);
    if (!offset.ok) return offset.why;
    // One byte is the shortest store: whatever is refused for it is wrong with the offset itself.
    return preflight(target, offset.value, 1).refusal?.text;
  };
  const text =
    given ??
    (await vscode.window.showInputBox({
      title: `${title()}: ${regionName(region.index)}`,
      prompt: vscode.l10n.t('Offset in the region, 0x and hex digits, below {0}', region.size),
      placeHolder: '0x0',
      ignoreFocusOut: true,
      validateInput: (value) => (value.trim() === '' ? undefined : check(value)),
    }));
  if (!text?.trim()) return undefined;
  const why = check(text);
  if (why) throw new UserError(why);
  const offset = parseOffset(text);
  return offset.ok ? offset.value : undefined;
}

async function askData(
  region: Region,
  target: StoreTarget,
  offset: bigint,
  given?: string,
): Promise<Uint8Array | undefined> {
  const check = (text: string): string | undefined => {
    const data = parseHexData(text);
    return data.ok ? preflight(target, offset, data.value.length).refusal?.text : data.why;
  };
  const text =
    given ??
    (await vscode.window.showInputBox({
      title: `${title()}: ${regionName(region.index)} ${hex(offset)}`,
      prompt: vscode.l10n.t('Bytes to store, two hex digits each, in memory order'),
      placeHolder: '01 23 45 67 89 ab cd ef',
      ignoreFocusOut: true,
      validateInput: (value) => {
        if (value.trim() === '') return undefined;
        const why = check(value);
        if (why) return why;
        const data = parseHexData(value);
        const message = data.ok ? describeLength(target, offset, data.value.length) : '';
        return { message, severity: vscode.InputBoxValidationSeverity.Info };
      },
    }));
  if (!text?.trim()) return undefined;
  const why = check(text);
  if (why) throw new UserError(why);
  const data = parseHexData(text);
  return data.ok ? data.value : undefined;
}

function describeLength(target: StoreTarget, offset: bigint, length: number): string {
  return [vscode.l10n.t('{0} bytes.', length), ...preflight(target, offset, length).warnings].join(' ');
}

/** Modal, because a store cannot be undone. Names host, function, region, offset and shows the bytes. */
async function confirm(store: PlannedStore): Promise<boolean> {
  const { host, fn, region, offset, data } = store;
  const device = host.opened(fn.address);
  const answer = device?.regions.find((r) => r.index === region);
  const size = answer && !('error' in answer) ? BigInt(answer.size) : 0n;
  const { warnings } = preflight({ regionSize: size, imaxstbl: device?.zpci.imaxstbl }, offset, data.length);
  const shown = data.length > 128 ? data.subarray(0, 128) : data;
  const rest = data.length - shown.length;
  const send = vscode.l10n.t('Store {0} Bytes', data.length);
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Store {0} bytes to {1} of {2} on {3}?',
      data.length,
      regionName(region),
      fn.address,
      host.name,
    ),
    {
      modal: true,
      detail: [
        vscode.l10n.t('Offset {0}. One pwrite, one PCISTB instruction; it cannot be undone.', hex(offset)),
        ...warnings,
        narrowHexDump(shown) + (rest > 0 ? `\n… ${rest} more bytes` : ''),
      ].join('\n\n'),
    },
    send,
  );
  return choice === send;
}
