/** Changing the drivers of a host's functions, and remembering what they had before, so that they get it back. */
import type { FormerDriver, Operations, PlannedBind } from '../../protocol/helper';
import { LIMITS } from '../../protocol/helperLimits';
import type { Host } from './host';
import { HelperError } from './helperErrors';

/** Where former drivers are remembered, so that *Restore Driver* works after a reload. */
export interface FormerStore {
  get(address: string): FormerDriver | undefined;
  set(address: string, former: FormerDriver | undefined): PromiseLike<void>;
}

/** The helper plans at most so many functions in one request. */
const PLAN_MAX = LIMITS.plansMax;

export class FormerDrivers {
  constructor(
    private readonly host: Pick<Host, 'request' | 'refresh' | 'close' | 'find' | 'functions'>,
    private readonly store: FormerStore,
  ) {}

  async planBind(addresses: readonly string[], driver?: string): Promise<readonly PlannedBind[]> {
    return this.inParts(addresses, (some) =>
      this.host.request('plan-bind', { addresses: some, ...(driver ? { driver } : {}) }),
    );
  }

  async planRestore(addresses: readonly string[]): Promise<readonly PlannedBind[]> {
    return this.inParts(addresses, (some) =>
      this.host.request('plan-restore', {
        functions: some.map((address) => ({ address, ...this.formerOf(address) })),
      }),
    );
  }

  /** What this window has open is closed first: it would be in the way. */
  private async inParts(
    addresses: readonly string[],
    ask: (some: string[]) => Promise<{ plans: PlannedBind[] }>,
  ): Promise<readonly PlannedBind[]> {
    for (const address of addresses) await this.host.close(address);
    const plans: PlannedBind[] = [];
    for (let at = 0; at < addresses.length; at += PLAN_MAX)
      plans.push(...(await ask(addresses.slice(at, at + PLAN_MAX))).plans);
    return plans;
  }

  /** @param present see {@link Host.bind} */
  async bind(
    address: string,
    options: Omit<Operations['bind']['params'], 'address'>,
    present: FormerDriver | undefined,
  ): Promise<Operations['bind']['result']> {
    await this.host.close(address);
    const former = this.store.get(address);
    // What a function without vfio has now is what it is to get back, whatever an earlier window noted.
    const noted =
      present !== undefined && (!former || this.host.find(address).vfio.state === 'unbound')
        ? present
        : undefined;
    if (noted) await this.store.set(address, noted);
    try {
      const result = await this.host.request('bind', { address, ...options });
      if (result.steps.length > 0 && !noted && !former) await this.store.set(address, result.former);
      await this.host.refresh();
      return result;
    } catch (error) {
      if (noted && error instanceof HelperError) await this.forgetUnchanged(address, noted, former);
      throw error;
    }
  }

  /** After a bind that failed: where everything is as it was there is nothing to restore. */
  private async forgetUnchanged(
    address: string,
    noted: FormerDriver,
    former: FormerDriver | undefined,
  ): Promise<void> {
    await this.host.refresh().catch(() => undefined);
    const now = this.host.functions.find((fn) => fn.address === address);
    if (now?.driver === noted.driver && now.driverOverride === noted.driverOverride)
      await this.store.set(address, former);
  }

  async restore(address: string, plan: string | undefined): Promise<Operations['restore']['result']> {
    await this.host.close(address);
    const result = await this.host.request('restore', {
      address,
      ...this.formerOf(address),
      ...(plan === undefined ? {} : { plan }),
    });
    await this.store.set(address, undefined);
    await this.host.refresh();
    return result;
  }

  private formerOf(address: string): { former?: FormerDriver } {
    const former = this.store.get(address);
    return former ? { former } : {};
  }
}
