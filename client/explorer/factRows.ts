/** The rows of facts below functions: asked for when they are unfolded, and kept for when the helper has no time. */
import type * as vscode from 'vscode';
import type { IsmFunction } from '../../protocol/helper';
import { isBusy } from '../base/helperErrors';
import type { Host } from '../hosts/host';
import { sentenceOf } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { facts } from '../words/facts';
import type { Node } from '../choose/nodes';

/** When to look again while a burst or script runs, in milliseconds. */
const BUSY_MS = 1000;

export class FactRows implements vscode.Disposable {
  /** What each function's rows were when they were last asked for. */
  private readonly last = new WeakMap<Host, Map<string, readonly Node[]>>();
  private readonly timers = new Map<Host, NodeJS.Timeout>();

  /** @param again called when a host's rows should be asked for anew */
  constructor(private readonly again: (host: Host) => void) {}

  async of(host: Host, fn: IsmFunction): Promise<readonly Node[]> {
    const kept = this.last.get(host) ?? new Map<string, readonly Node[]>();
    this.last.set(host, kept);
    try {
      const rows = await ask(host, fn);
      kept.set(fn.address, rows);
      return rows;
    } catch (error) {
      if (!isBusy(error)) return note(host, neutralise(sentenceOf(error)), 'error');
      this.askLater(host);
      return kept.get(fn.address) ?? note(host, 'Shown when the burst or script that runs is over', 'info');
    }
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private askLater(host: Host): void {
    if (this.timers.has(host)) return;
    const look = (): void => {
      this.timers.delete(host);
      this.again(host);
    };
    this.timers.set(host, setTimeout(look, BUSY_MS));
  }
}

const note = (host: Host, text: string, icon: 'info' | 'error'): readonly Node[] => [
  { kind: 'note', host, text, icon },
];

async function ask(host: Host, fn: IsmFunction): Promise<readonly Node[]> {
  const { address } = fn;
  const [description, usage] = await Promise.all([
    host.request('describe', { address }),
    // Who uses it is worth a row, but no reason to show none of the others.
    host.request('usage', { address }).catch(() => undefined),
  ]);
  const zpci = host.opened(fn.address)?.zpci;
  return facts(description.function, {
    description,
    ...(zpci ? { zpci } : {}),
    ...(usage ? { usage } : {}),
  }).map((fact): Node => ({ kind: 'fact', host, fn, fact }));
}
