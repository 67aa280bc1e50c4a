/** A buffer (DMB) that is kept registered and looked at: its bytes, what changed, and the interrupts. Knows nothing of VS Code. */
import type { IsmFunction } from '../../protocol/helper';
import { DMB_PAGE } from '../../protocol/dmbLimits';
import type { DmbEvent, RegisteredDmb } from '../../protocol/helperDmb';
import { HelperError, isBusy } from '../base/helperErrors';
import type { Host } from '../hosts/host';
import { sentenceOf } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { explained } from './loopback';

/** Stores without a signal interrupt nobody, so the buffer is looked at this often as well. */
const LOOK_MS = 1000;

export class DmbWatch {
  /** What the buffer held when it was last read. */
  data: Uint8Array;
  /** When each byte was last seen to change, as the number of the change; 0: never. */
  private readonly changedIn: Uint32Array;
  private changes = 0;
  signals = 0;
  /** Interrupts of the function; several signals may share one. */
  interrupts = 0;
  lastMask: number | undefined;
  /** ISO 8601, by this window's clock. */
  lastSignal: string | undefined;
  /** Why it is not watched any more; undefined while it is. */
  ended: string | undefined;

  private readonly subscription: { dispose(): void };
  private readonly timer: NodeJS.Timeout;
  private reading = false;
  private stopping = false;
  private again = false;

  private constructor(
    readonly host: Host,
    readonly fn: IsmFunction,
    /** The GID of the only function that may store into it. */
    readonly user: string,
    readonly dmb: RegisteredDmb,
    private readonly onChange: (watch: DmbWatch) => void,
  ) {
    this.data = new Uint8Array(dmb.size);
    this.changedIn = new Uint32Array(dmb.size);
    this.subscription = host.onDmb((event) => this.signalled(event));
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /**
   * Registers a buffer and watches it.
   *
   * @param user the GID of the function that may store into it
   * @param onChange called when there is something new to show
   * @throws UserError or HelperError when it cannot be registered
   */
  static async start(
    host: Host,
    fn: IsmFunction,
    user: string,
    size: number,
    onChange: (watch: DmbWatch) => void,
  ): Promise<DmbWatch> {
    try {
      const { handle } = await host.open(fn.address);
      const dmb = await host.request('dmb-register', { handle, size, user });
      return new DmbWatch(host, fn, user, dmb, onChange);
    } catch (error) {
      throw explained(error);
    }
  }

  /** Whether a byte was among the last that were seen to change. */
  isChanged(offset: number): boolean {
    return this.changes > 0 && this.changedIn[offset] === this.changes;
  }

  /**
   * Unregisters the buffer.
   *
   * @throws HelperError when the function did not let it go, and it is not watched any more; or when a burst or script
   * runs, and all is as before
   */
  async stop(why: string): Promise<void> {
    if (this.ended !== undefined || this.stopping) return;
    this.stopping = true;
    try {
      await this.host.request('dmb-unregister', { dmb: this.dmb.dmb });
      this.lost(why);
    } catch (error) {
      if (!isBusy(error)) this.lost(why);
      throw explained(error);
    } finally {
      this.stopping = false;
    }
  }

  /** What it was registered with is gone (the link, or the device was closed), so that there is nothing to unregister. */
  lost(why: string): void {
    if (this.ended === undefined) this.finish(why);
  }

  private finish(why: string): void {
    this.ended = why;
    clearInterval(this.timer);
    this.subscription.dispose();
    this.onChange(this);
  }

  private signalled(event: DmbEvent): void {
    if (event.dmb !== this.dmb.dmb || event.token !== this.dmb.token) return;
    this.signals++;
    this.interrupts += event.interrupts;
    // A signal whose index came with the one before has none left; see dmb_scan() of helper/dmb/dmb.c.
    if (event.mask !== 0) this.lastMask = event.mask;
    this.lastSignal = new Date().toISOString();
    this.onChange(this);
    void this.look();
  }

  /** Reads the buffer; once more when it was asked to while it did. */
  private async look(): Promise<void> {
    this.again = this.reading;
    if (this.reading || this.ended !== undefined) return;
    this.reading = true;
    try {
      this.take(await this.read());
    } catch (error) {
      // With a lost link the list of hosts says so.
      if (error instanceof HelperError) this.lost(neutralise(sentenceOf(error)));
    } finally {
      this.reading = false;
    }
    if (this.again) await this.look();
  }

  private async read(): Promise<Uint8Array> {
    const { dmb, size } = this.dmb;
    const pages = Array.from({ length: size / DMB_PAGE }, (_, page) =>
      this.host.request('dmb-read', { dmb, offset: page * DMB_PAGE, length: DMB_PAGE }),
    );
    return Buffer.concat((await Promise.all(pages)).map(({ data }) => Buffer.from(data, 'hex')));
  }

  private take(data: Uint8Array): void {
    const changed = data.reduce<number[]>((list, byte, at) => {
      if (byte !== this.data[at]) list.push(at);
      return list;
    }, []);
    if (changed.length === 0) return;
    this.changes++;
    for (const at of changed) this.changedIn[at] = this.changes;
    this.data = data;
    this.onChange(this);
  }
}
