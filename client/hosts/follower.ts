import { isBusy } from '../base/helperErrors';

/** How long a burst or script is let run before it is looked again, in milliseconds. */
const BUSY_MS = 1000;

/** Looks again when told that something changed: never twice at the same time, and once more for what came meanwhile. */
export class Follower {
  private looking = false;
  private again = false;

  /**
   * @param lookNow looks once; it is tried again while a burst or script keeps the helper busy. Another failure is not repeated, since a
   * lost link is reported by its own way
   * @param alive false when looking makes no sense any more
   */
  constructor(
    private readonly lookNow: () => Promise<void>,
    private readonly alive: () => boolean,
  ) {}

  /** Something changed. A burst of calls leads to one look, or two when some came during the first. */
  look(): void {
    if (this.looking) {
      this.again = true;
      return;
    }
    this.looking = true;
    // After the events that came in the same packet.
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      await this.lookNow().catch(async (error: unknown) => {
        if (!isBusy(error)) return;
        this.again = true;
        await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      });
    } while (this.again && this.alive());
    this.looking = false;
  }
}
