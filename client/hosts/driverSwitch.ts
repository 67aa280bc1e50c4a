/** Changes the drivers of a host's functions, and remembers the driver each had before, so that it can be restored. */
import type { FormerDriver, Operations, PlannedBind } from '../../protocol/helper';
import { LIMITS } from '../../protocol/helperLimits';
import type { Host } from './host';
import { HelperError } from '../base/helperErrors';

/** Where former drivers are remembered, so that *Restore Driver* works after a reload. */
export interface FormerStore {
  get(address: string): FormerDriver | undefined;
  set(address: string, former: FormerDriver | undefined): PromiseLike<void>;
}

/** The helper plans at most so many functions in one request. */
const PLAN_MAX = LIMITS.plansMax;

export class DriverSwitch {
  constructor(
    private readonly host: Pick<Host, 'request' | 'refresh' | 'close' | 'find' | 'functions'>,
    private readonly store: FormerStore,
  ) {}

  /** Plans a bind: what it would write and what speaks against it. Writes nothing, but closes what this window has open. */
  async plan(addresses: readonly string[], driver?: string): Promise<readonly PlannedBind[]> {
    return this.inParts(addresses, (some) =>
      this.host.request('plan-bind', { addresses: some, ...(driver ? { driver } : {}) }),
    );
  }

  /** The same for {@link restore}. */
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

  /**
   * Binds; the default is the host's usual vfio driver. `plan` is the token of a plan: nothing is written when it is no longer true.
   * `force` takes the function away from a driver that is using it.
   *
   * @param present what the plan found, remembered before anything is written: a window that ends before the answer
   * comes must still be able to restore it
   */
  async bind(
    address: string,
    options: Omit<Operations['bind']['params'], 'address'> = {},
    present?: FormerDriver,
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

  /** Restores what the first bind found, also when that was in an earlier session; `plan` is as for {@link bind}. */
  async restore(address: string, plan?: string): Promise<Operations['restore']['result']> {
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
