/** Choosing a host, a function or a region: from the row a command was called on, or by asking. */
import type * as vscode from 'vscode';
import type { IsmFunction, RegionAnswer } from '../../protocol/helper';
import { functionDescription, regionDescription, regionName } from '../words/describe';
import type { Node } from './nodes';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { showManyPick, showQuickPick } from '../sinks/dialogs';

export interface FunctionChoice {
  readonly host: Host;
  readonly fn: IsmFunction;
}

/** Whether a vfio driver has a function and it can be opened here. */
export const usable = (fn: IsmFunction): boolean => fn.vfio.state === 'ready' || fn.vfio.state === 'open';

/** What to say where no function is {@link usable}. */
export const bindFirst = (): string =>
  'No function of the connected hosts is bound to a vfio driver; bind one first.';

/** Shows a list unless there is only one choice; undefined when the person gave up. */
async function choose<T>(
  title: string,
  items: readonly (vscode.QuickPickItem & { readonly value: T })[],
  always = false,
): Promise<T | undefined> {
  if (items.length === 1 && !always) return items[0]?.value;
  // Each of these lists is one step of several: a view that takes the focus must not end them all.
  const options = { title, matchOnDescription: true, ignoreFocusOut: true };
  return (await showQuickPick(items, options))?.value;
}

/** A host in one of the given states. @throws UserError when there is none, with what to do */
export async function pickHost(
  hosts: HostList,
  node: Node | undefined,
  title: string,
  fits: (host: Host) => boolean,
  none: string,
): Promise<Host | undefined> {
  if (node) return node.host;
  const candidates = hosts.all.filter(fits);
  if (candidates.length === 0) throw new UserError(none);
  return choose(
    title,
    candidates.map((host) => ({ label: host.name, description: host.config.destination, value: host })),
  );
}

/** A function of any connected host that the command can work on. @throws UserError when there is none */
export async function pickFunction(
  hosts: HostList,
  node: Node | undefined,
  title: string,
  fits: (fn: IsmFunction) => boolean,
  none: string,
): Promise<FunctionChoice | undefined> {
  // A row shows what the last list said; the function's present state is in the host's list.
  if (node && 'fn' in node) return { host: node.host, fn: node.host.find(node.fn.address) };
  if (hosts.connected.length === 0) throw new UserError('No host is connected; connect one first.');
  const items = hosts.connected.flatMap((host) =>
    host.functions.filter(fits).map((fn) => ({
      label: neutralise(fn.address),
      description: `${host.name} · ${functionDescription(fn)}`,
      value: { host, fn },
    })),
  );
  if (items.length === 0) throw new UserError(none);
  return choose(title, items);
}

/**
 * One function or several: the rows that are selected when the command was called on one of them, else by asking. Empty
 * when the person gave up.
 *
 * @throws UserError when none fits
 */
export async function pickFunctions(
  hosts: HostList,
  node: Node | undefined,
  nodes: readonly Node[] | undefined,
  title: string,
  fits: (choice: FunctionChoice) => boolean,
  none: string,
): Promise<readonly FunctionChoice[]> {
  const rows = nodes && nodes.length > 1 ? nodes : node ? [node] : [];
  const called = rows.flatMap((row) =>
    row.kind === 'function' || row.kind === 'region'
      ? [{ host: row.host, fn: row.host.find(row.fn.address) }]
      : [],
  );
  if (called.length > 0) {
    const unique = called.filter(
      (one, at) => called.findIndex(({ host, fn }) => host === one.host && fn === one.fn) === at,
    );
    return unique;
  }
  if (hosts.connected.length === 0) throw new UserError('No host is connected; connect one first.');
  const items = hosts.connected.flatMap((host) =>
    host.functions
      .filter((fn) => fits({ host, fn }))
      .map((fn) => ({
        label: neutralise(fn.address),
        description: `${host.name} · ${functionDescription(fn)}`,
        value: { host, fn },
      })),
  );
  if (items.length === 0) throw new UserError(none);
  if (items.length === 1) return items.map(({ value }) => value);
  const chosen = await showManyPick(items, {
    title,
    matchOnDescription: true,
    // The walkthrough's page takes the focus after its link was clicked, and what was chosen so far would be lost with it.
    ignoreFocusOut: true,
    placeHolder: 'One function or several',
  });
  return (chosen ?? []).map(({ value }) => value);
}

/** A region of an open function. @throws UserError when none fits */
export async function pickRegion(
  node: Node | undefined,
  title: string,
  regions: readonly RegionAnswer[],
  fits: (region: RegionAnswer) => boolean,
  none: string,
): Promise<number | undefined> {
  if (node?.kind === 'region' && fits(node.region)) return node.region.index;
  const items = regions.filter(fits).map((region) => ({
    label: regionName(region.index),
    description: regionDescription(region),
    value: region.index,
  }));
  if (items.length === 0) throw new UserError(none);
  return choose(title, items, true);
}
