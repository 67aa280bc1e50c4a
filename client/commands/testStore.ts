/**
 * *Test Store*: one command, one confirmation, one pwrite. Nothing in this file repeats a store, whatever
 * happens to the connection.
 */
import type { IsmFunction, Region } from '../../protocol/helper';
import { bindFirst, pickFunction, pickRegion, usable } from '../choose/pick';
import { isWritable, regionName } from '../words/describe';
import type { Node } from '../choose/nodes';
import type { Host } from '../hosts/host';
import type { OpenDevice } from '../hosts/openDevices';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../base/userError';
import { askData, askOffset, storeTitle } from '../stores/askStore';
import { confirmStore } from '../stores/confirmStore';
import type { StoreJournal } from '../journal/journal';
import { storeTarget } from '../../storescript/values/preflight';
import { sendStore, type PlannedStore } from '../stores/sendStore';
import { readStoreArguments, type StoreArguments } from '../stores/storeArguments';
import { showErrorMessage, showInformationMessage, showWarningMessage } from '../sinks/dialogs';

const isNode = (from: unknown): from is Node => typeof from === 'object' && from !== null && 'kind' in from;

export class TestStore {
  constructor(
    private readonly hosts: HostList,
    private readonly journal: StoreJournal,
  ) {}

  /**
   * Runs the whole dialogue.
   *
   * @param from the row it was called on, or arguments of a keybinding or task
   * @throws UserError or HelperError with what the user should be told
   */
  async run(from?: unknown): Promise<void> {
    const node = isNode(from) ? from : undefined;
    await this.carryOut(await this.plan(node, node ? {} : readStoreArguments(from)), false);
  }

  /** A store of the journal, planned and confirmed anew: nothing is taken for granted because it was sent once. */
  async repeat(given: StoreArguments): Promise<void> {
    await this.carryOut(await this.plan(undefined, given), true);
  }

  private async carryOut(store: PlannedStore | undefined, alwaysAsk: boolean): Promise<void> {
    if (!store || !(await confirmStore(store, this.hosts, alwaysAsk))) return;
    const { record, sentence } = await sendStore(store, this.journal);
    if (record.outcome === 'ok') void showInformationMessage(sentence);
    else if (record.outcome === 'unknown') void showWarningMessage(sentence, { modal: true });
    else void showErrorMessage(sentence);
  }

  /**
   * Asks for function, region, offset and bytes; nothing is sent.
   *
   * @returns undefined when the person gave up
   */
  async plan(
    node: Node | undefined,
    given: StoreArguments,
    title = storeTitle(),
  ): Promise<PlannedStore | undefined> {
    const choice = await this.chooseFunction(node, given, title);
    if (!choice) return undefined;
    const { host, fn } = choice;
    const device = await host.open(fn.address);
    const none = `${fn.address} has no region that can be written.`;
    const index =
      given.region ?? (await pickRegion(node, `${title}: ${fn.address}`, device.regions, isWritable, none));
    if (index === undefined) return undefined;
    const region = writable(device, index, fn);
    const target = storeTarget(region, device);
    const offset = await askOffset(title, region, target, given.offset);
    if (offset === undefined) return undefined;
    const data = await askData(title, region, target, offset, given.data);
    return data && { host, fn, handle: device.handle, region: index, offset, data };
  }

  private async chooseFunction(node: Node | undefined, given: StoreArguments, title: string) {
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
    return pickFunction(this.hosts, node, title, usable, bindFirst());
  }
}

function writable(device: OpenDevice, index: number, fn: IsmFunction): Region {
  const region = device.regions.find((answer) => answer.index === index);
  if (!region || 'error' in region || !isWritable(region))
    throw new UserError(`${regionName(index)} of ${fn.address} cannot be written; choose BAR0 or BAR2.`);
  return region;
}
