/** The buffers that this window watches. A host that is not connected any more has none: its helper unregistered them. */
import * as vscode from 'vscode';
import type { IsmFunction } from '../../protocol/helper';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import type { DmbDocuments } from './dmbDocuments';
import { DmbWatch } from './dmbWatch';

const QUIET_MS = 100;

export class DmbWatches implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<DmbWatch | undefined>();
  /** Fires when a watch begins or ends, and with the watch when only its row has something new to say. */
  readonly onDidChange = this.changed.event;
  private readonly watches = new Set<DmbWatch>();
  private readonly subscription: vscode.Disposable;
  /** Watches that have something new to show. */
  private readonly waiting = new Set<DmbWatch>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    hosts: HostList,
    private readonly documents: DmbDocuments,
  ) {
    this.subscription = hosts.onDidChange(() => this.dropLost());
  }

  /** Those of one function, or all. */
  of(host?: Host, fn?: IsmFunction): DmbWatch[] {
    return [...this.watches].filter(
      (watch) => (!host || watch.host === host) && (!fn || watch.fn.address === fn.address),
    );
  }

  /** Registers a buffer, shows it and keeps it. @throws as {@link DmbWatch.start} */
  async start(host: Host, fn: IsmFunction, user: string, size: number): Promise<void> {
    const watch = await DmbWatch.start(host, fn, user, size, (one) => {
      if (one.ended !== undefined) this.watches.delete(one);
      this.soon(one);
    });
    this.watches.add(watch);
    this.announce();
    await this.documents.showWatch(watch);
  }

  show(watch: DmbWatch): Promise<void> {
    return this.documents.showWatch(watch);
  }

  /** @throws HelperError when the function did not let the buffer go */
  stop(watch: DmbWatch): Promise<void> {
    return watch.stop('it was stopped');
  }

  dispose(): void {
    this.subscription.dispose();
    // The end of the helper's input unregisters them; there is nobody left to wait for an answer.
    for (const watch of this.watches) watch.lost('the window was closed');
    clearTimeout(this.timer);
    this.changed.dispose();
  }

  /** Shows a burst of changes at once, so that many signals do not keep the window busy. */
  private soon(watch: DmbWatch): void {
    this.waiting.add(watch);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const one of this.waiting) {
        this.documents.update(one);
        if (one.ended === undefined) this.changed.fire(one);
      }
      if ([...this.waiting].some(({ ended }) => ended !== undefined)) this.announce();
      this.waiting.clear();
    }, QUIET_MS);
  }

  private announce(): void {
    // *Stop Watching DMB* is in the palette while there is something to stop.
    void vscode.commands.executeCommand('setContext', 'ism.dmbWatched', this.watches.size > 0);
    this.changed.fire(undefined);
  }

  private dropLost(): void {
    for (const watch of this.watches) {
      if (watch.host.state.kind !== 'connected') watch.lost('the host is not connected any more');
      else if (!watch.host.opened(watch.fn.address)) watch.lost('the device was closed');
    }
  }
}
