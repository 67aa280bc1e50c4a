import * as vscode from 'vscode';
import { DMB_PAGE, MAX_DMB_SIZE } from '../../protocol/dmbLimits';
import { parseOffset } from '../../storescript/values/offsetExpression';
import { confirmLoopback, confirmWatch } from '../dmb/confirmDmb';
import type { DmbDocuments } from '../dmb/dmbDocuments';
import type { DmbWatches } from '../dmb/dmbWatches';
import { explained, loopbackProblem, runLoopback, type LoopbackEnd } from '../dmb/loopback';
import { isWhole, loopbackSentence } from '../dmb/loopbackText';
import { functionDescription } from '../words/describe';
import type { Node } from '../choose/nodes';
import type { HostList } from '../hosts/hostList';
import { requireTrust } from '../hosts/trust';
import { UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import type { StoreJournal } from '../journal/journal';
import { bindFirst, pickFunction, usable } from '../choose/pick';
import {
  showInformationMessage,
  showInputBox,
  showQuickPick,
  showWarningMessage,
  withProgress,
} from '../sinks/dialogs';

/** What is worth knowing of the other end before it is chosen. */
function detailOf(isSame: boolean, sameFabric: boolean): { detail?: string } {
  if (isSame) return { detail: 'The same function: it stores into a buffer of its own' };
  return sameFabric ? {} : { detail: 'Another PCHID, so probably another fabric' };
}

/** *DMB Loopback*, *Watch DMB* and *Stop Watching DMB*. */
export class DmbCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly journal: StoreJournal,
    private readonly documents: DmbDocuments,
    private readonly watches: DmbWatches,
    private readonly view: vscode.TreeView<Node>,
  ) {}

  async loopback(node?: Node): Promise<void> {
    requireTrust('register a DMB');
    const title = 'DMB Loopback';
    const from = await pickFunction(
      this.hosts,
      node,
      `${title}: the function that stores`,
      usable,
      bindFirst(),
    );
    if (!from) return;
    const to = await this.pickEnd(`${title}: the function that has the buffer`, from);
    if (!to) return;
    const sizes = await askSizes(title);
    if (!sizes) return;
    const offset = await askOffset(title, sizes);
    if (offset === undefined) return;
    const plan = { from, to, sizes, offset };
    if (!(await confirmLoopback(plan, this.hosts))) return;
    const result = await withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, signal) =>
        runLoopback(plan, this.journal, {
          signal,
          beforeStore: (index) => progress.report({ message: `store ${index + 1} of ${sizes.length}` }),
        }),
    );
    await this.documents.showLoopback(result);
    const sentence = loopbackSentence(result);
    if (isWhole(result)) void showInformationMessage(sentence);
    else void showWarningMessage(sentence);
  }

  async watch(node?: Node): Promise<void> {
    requireTrust('register a DMB');
    const title = 'Watch DMB';
    const to = await pickFunction(
      this.hosts,
      node,
      `${title}: the function that has the buffer`,
      usable,
      bindFirst(),
    );
    if (!to) return;
    const user = await this.askUser(title, to);
    if (user === undefined) return;
    const size = await askBufferSize(title);
    if (size === undefined || !(await confirmWatch(to, user, size, this.hosts))) return;
    await this.watches.start(to.host, to.fn, user, size);
    const fn = to.host.find(to.fn.address);
    await this.view.reveal({ kind: 'function', host: to.host, fn }, { expand: true, select: false });
  }

  async show(node?: Node): Promise<void> {
    if (node?.kind === 'dmb') await this.watches.show(node.watch);
  }

  async stop(node?: Node): Promise<void> {
    if (node?.kind === 'dmb') return this.watches.stop(node.watch);
    const watches = node && 'fn' in node ? this.watches.of(node.host, node.fn) : this.watches.of();
    if (watches.length === 0) throw new UserError('No buffer is watched in this window.');
    const items = watches.map((value) => ({
      label: value.dmb.token,
      description: `${neutralise(value.fn.address)} on ${value.host.name}`,
      value,
    }));
    const choice = items.length === 1 ? items[0] : await showQuickPick(items, { title: 'Stop Watching DMB' });
    if (choice) await this.watches.stop(choice.value);
  }

  /**
   * The functions that can be the other end, those of the same fabric first as far as PCHIDs tell, and last the function itself: sender
   * and receiver can be one device (include/linux/dibs.h).
   */
  private ends({ host, fn }: LoopbackEnd): (vscode.QuickPickItem & { value: LoopbackEnd })[] {
    const isSame = (end: LoopbackEnd): boolean => end.host === host && end.fn.address === fn.address;
    const items = this.hosts.connected.flatMap((one) =>
      one.functions
        .filter((other) => usable(other))
        .map((other) => ({
          label: neutralise(other.address),
          description: `${one.name} · ${functionDescription(other)}`,
          ...detailOf(isSame({ host: one, fn: other }), other.pchid === fn.pchid),
          value: { host: one, fn: other },
        })),
    );
    const rank = ({ value }: (typeof items)[number]): number =>
      isSame(value) ? 2 : Number(value.fn.pchid !== fn.pchid);
    return items.sort((a, b) => rank(a) - rank(b));
  }

  private async pickEnd(title: string, from: LoopbackEnd): Promise<LoopbackEnd | undefined> {
    const options = { title, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true };
    return (await showQuickPick(this.ends(from), options))?.value;
  }

  /** The GID of the function that may store: of a connected host, which is asked, or typed. */
  private async askUser(title: string, to: LoopbackEnd): Promise<string | undefined> {
    const typed = { label: 'Type a GID…', value: undefined };
    const items: (vscode.QuickPickItem & { value: LoopbackEnd | undefined })[] = [...this.ends(to), typed];
    const choice = await showQuickPick(items, {
      title: `${title}: the function that may store into it`,
      matchOnDescription: true,
      ignoreFocusOut: true,
    });
    if (choice?.value) {
      const { host, fn } = choice.value;
      const { handle } = await host.open(fn.address);
      return host.request('gid', { handle }).then(
        ({ gid }) => gid,
        (error: unknown) => {
          throw explained(error);
        },
      );
    }
    if (!choice) return undefined;
    const text = await showInputBox({
      title,
      prompt: 'The GID of the function that may store, 0x and 1 to 16 hex digits',
      ignoreFocusOut: true,
      validateInput: (value) =>
        /^0x[0-9a-f]{1,16}$/i.test(value.trim()) ? undefined : 'Type 0x and 1 to 16 hex digits.',
    });
    return text?.trim().toLowerCase();
  }
}

const numbers = (text: string): number[] =>
  text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => (/^\d+$/.test(word) ? Number(word) : NaN));

async function askSizes(title: string): Promise<number[] | undefined> {
  const text = await showInputBox({
    title,
    prompt: 'How many bytes to store, one store for each number',
    value: '8, 64, 1024, 4096',
    ignoreFocusOut: true,
    validateInput: (value) => loopbackProblem(numbers(value), 0),
  });
  return text === undefined ? undefined : numbers(text);
}

async function askOffset(title: string, sizes: readonly number[]): Promise<number | undefined> {
  const read = (text: string): { offset?: number; why?: string } => {
    const parsed = parseOffset(text);
    if (!parsed.ok) return { why: parsed.why };
    const offset = parsed.value < BigInt(MAX_DMB_SIZE) ? Number(parsed.value) : MAX_DMB_SIZE;
    const why = loopbackProblem(sizes, offset);
    return why === undefined ? { offset } : { why };
  };
  const text = await showInputBox({
    title,
    prompt: 'Offset in the buffer',
    value: '0x0',
    ignoreFocusOut: true,
    validateInput: (value) => read(value).why,
  });
  return text === undefined ? undefined : read(text).offset;
}

async function askBufferSize(title: string): Promise<number | undefined> {
  const read = (text: string): number | undefined => {
    const size = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    return size > 0 && size <= MAX_DMB_SIZE && size % DMB_PAGE === 0 ? size : undefined;
  };
  const text = await showInputBox({
    title,
    prompt: 'Size of the buffer in bytes',
    value: '16384',
    ignoreFocusOut: true,
    validateInput: (value) =>
      read(value) === undefined ? `Type a multiple of ${DMB_PAGE}, at most ${MAX_DMB_SIZE}.` : undefined,
  });
  return text === undefined ? undefined : read(text);
}
