/** The ISM functions of one host: the last list, and how it follows the kernel's events. */
import type { IsmFunction } from '../../protocol/helper';
import { HelperError } from '../base/helperErrors';
import { UserError } from '../base/userError';
import type { HelperChannel } from '../helper/helperChannel';
import { Follower } from './follower';

/** Shows a list that was read over a new channel; from then on it follows the events of that channel. */
export type ShowList = () => void;

export class FunctionList {
  private list: readonly IsmFunction[] = [];
  private channel: HelperChannel | undefined;
  private watchFailure: string | undefined;

  /**
   * @param hostName for messages
   * @param onChange called after an event of the kernel changed the list
   */
  constructor(
    private readonly hostName: string,
    private readonly onChange: () => void,
  ) {}

  /** In the order of their addresses. */
  get all(): readonly IsmFunction[] {
    return this.list;
  }

  /** Why changes on the host show only after *Refresh*; undefined while the list follows them. */
  get watchError(): string | undefined {
    return this.watchFailure;
  }

  /** The function with this address. @throws UserError when the last list does not have it */
  find(address: string): IsmFunction {
    const found = this.list.find((fn) => fn.address === address);
    if (!found) throw new UserError(`${this.hostName} has no ISM function ${address}. Refresh the list.`);
    return found;
  }

  /**
   * Watches, then lists, so that nothing after the list goes unseen. A host that cannot send events works without them.
   *
   * @param follow called with the function that is to be called for each event of the kernel
   * @throws as HelperChannel.request
   */
  async read(channel: HelperChannel, follow: (look: () => void) => void): Promise<ShowList> {
    const follower = new Follower(
      () => this.reread(channel),
      () => channel.alive,
    );
    follow(() => follower.look());
    let watchFailure: string | undefined;
    try {
      await channel.request('watch', {});
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      watchFailure = error.message;
    }
    const { functions } = await channel.request('list', {});
    return () => {
      this.channel = channel;
      this.watchFailure = watchFailure;
      this.list = functions;
    };
  }

  private async reread(channel: HelperChannel): Promise<void> {
    const { functions } = await channel.request('list', {});
    if (this.channel !== channel) return;
    const changed = JSON.stringify(functions) !== JSON.stringify(this.list);
    this.list = functions;
    if (changed) this.onChange();
  }

  /** Shows a list that was read on request. */
  set(functions: readonly IsmFunction[]): void {
    this.list = functions;
  }

  clear(): void {
    this.channel = undefined;
    this.list = [];
  }
}
