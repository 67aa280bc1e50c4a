/** Looks again when told that something changed: never twice at the same time, and once more for what came meanwhile. */
export class Follower {
  private looking = false;
  private again = false;

  /**
   * @param lookNow looks once; a failure is not repeated here, since a lost link is reported by its own way
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
      await this.lookNow().catch(() => undefined);
    } while (this.again && this.alive());
    this.looking = false;
  }
}
