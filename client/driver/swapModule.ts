/**
 * Another module in the place of the one that a host runs: give its functions back, unload, load, bind. What was there before is
 * brought back when a step fails.
 */
import { createHash } from 'node:crypto';
import type { BindResult } from '../../protocol/helper';
import { MODULE_PIECE, type KernelLogRecord, type ModuleState } from '../../protocol/moduleOperations';
import type { DriverSwitch } from '../hosts/driverSwitch';
import type { Host } from '../hosts/host';
import { sentenceOf, UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';

/** What of a host the swap needs. */
export type SwapHost = Pick<Host, 'name' | 'request' | 'close' | 'refresh'>;

/** What the host runs now. */
export interface Present {
  readonly state: ModuleState;
  /** The functions that are bound to the module's drivers, and to which. */
  readonly bound: readonly { readonly address: string; readonly driver: string }[];
  /** Nobody else has them open, as far as can be known. */
  readonly unknownUse: readonly string[];
}

export interface SwapOptions {
  readonly host: SwapHost;
  readonly drivers: Pick<DriverSwitch, 'bind'>;
  readonly present: Present;
  readonly image: Buffer;
  /** The module that runs now; loaded again when the new one is not taken. */
  readonly former: Buffer | undefined;
  /** Functions to be bound afterwards beside those that are bound now. */
  readonly wanted: readonly string[];
  /** Asked before each step; false ends the swap, and what was there is brought back. */
  readonly agree: (step: string) => Promise<boolean>;
}

/**
 * What is there, and whether it can be given back.
 *
 * @throws UserError when the driver is part of the kernel, or another program has a function of it open
 */
export async function inspectModule(host: SwapHost, module: string): Promise<Present> {
  const state = await host.request('module', { name: module });
  if (state.builtIn)
    throw new UserError(
      `${module} is built into the kernel of ${host.name}, so no other can take its place.`,
    );
  if (state.holders.length > 0)
    throw new UserError(
      `Other modules need ${module} on ${host.name}: ${state.holders.join(', ')}; unload them first.`,
    );
  const bound = state.drivers.flatMap(({ name, functions }) =>
    functions.map((address) => ({ address, driver: name })),
  );
  const unknownUse: string[] = [];
  for (const { address } of bound) {
    await host.close(address);
    const { vfio } = await host.request('usage', { address });
    const others = vfio.holders.filter(({ here }) => !here);
    if (vfio.state === 'in-use')
      throw new UserError(
        `${address} on ${host.name} is open in another program (${neutralise(others.map(({ comm, pid }) => `${comm}, ${pid}`).join('; ')) || 'not seen'}); close it there first.`,
      );
    if (vfio.state === 'unknown') unknownUse.push(address);
  }
  return { state, bound, unknownUse };
}

/**
 * @returns the module's state after it was loaded
 * @throws UserError with what failed and what is there now
 */
export async function swapModule(options: SwapOptions): Promise<ModuleState> {
  const { host, present, agree } = options;
  const { name } = present.state;
  const done: string[] = [];
  let removed = false;
  try {
    for (const { address } of present.bound) {
      await step(agree, `Take ${address} from ${name}`);
      done.push(address);
      await unbind(host, address);
    }
    if (present.state.loaded) {
      await step(agree, `Unload the module ${name}`);
      await host.request('module-remove', { name });
      removed = true;
    }
    await step(agree, `Load the new module ${name}`);
    const state = await insertModule(host, name, options.image);
    const driver = state.drivers[0]?.name;
    if (!state.loaded || driver === undefined)
      throw new UserError(`The module that was loaded registered no PCI driver called ${name}.`);
    const addresses = [...new Set([...present.bound.map(({ address }) => address), ...options.wanted])];
    for (const address of addresses) {
      await step(agree, `Bind ${address} to ${driver}`);
      await bind(options, address, driver);
    }
    return state;
  } catch (error) {
    const after = await rollback(options, done, removed);
    throw new UserError(`${sentenceOf(error)} ${after}`, error instanceof Error ? error.stack : undefined);
  } finally {
    await host.refresh().catch(() => undefined);
  }
}

async function step(agree: SwapOptions['agree'], what: string): Promise<void> {
  if (!(await agree(what))) throw new UserError(`Stopped before: ${what}.`);
}

/** To no driver at all: what was there before vfio, as `ism`, would take the function and use it. */
function unbind(host: SwapHost, address: string): Promise<BindResult> {
  return host.request('restore', { address, former: { driver: null, driverOverride: null } });
}

/** By a plan, so that a function that came into use meanwhile is left alone. */
async function bind({ host, drivers }: SwapOptions, address: string, driver: string): Promise<void> {
  const { plans } = await host.request('plan-bind', { addresses: [address], driver });
  const [plan] = plans;
  if (!plan || plan.gravest !== 'note')
    throw new UserError(
      plan?.warnings.map(({ message }) => neutralise(message)).join(' ') ??
        `There is no plan for ${address}.`,
    );
  const { driver: bound } = await drivers.bind(address, { driver, plan: plan.plan });
  if (bound !== driver) throw new UserError(`${address} was not taken by the driver ${driver}.`);
}

/** Sends a module and has it loaded. */
export async function insertModule(
  host: Pick<Host, 'request'>,
  name: string,
  image: Buffer,
): Promise<ModuleState> {
  for (let first = 0; first < image.length; first += MODULE_PIECE)
    await host.request('module-data', { first, data: image.toString('hex', first, first + MODULE_PIECE) });
  const sha256 = createHash('sha256').update(image).digest('hex');
  return host.request('module-insert', { name, sha256 });
}

/** @returns a sentence about what is there now */
async function rollback(options: SwapOptions, unbound: readonly string[], removed: boolean): Promise<string> {
  const { host, present, former } = options;
  const { name } = present.state;
  try {
    let state = await host.request('module', { name });
    if (removed) {
      for (const { functions } of state.drivers) for (const address of functions) await unbind(host, address);
      if (state.loaded) await host.request('module-remove', { name });
      if (!former) return `The module ${name} is not loaded now; load the one that was there by hand.`;
      state = await insertModule(host, name, former);
    }
    for (const { address, driver } of present.bound)
      if (unbound.includes(address) && state.drivers.some((one) => one.name === driver))
        await bind(options, address, driver);
    return removed
      ? 'The module that was there before is loaded and bound again.'
      : 'The module that was there is untouched.';
  } catch (error) {
    return `What was there before could not be brought back: ${sentenceOf(error)}`;
  }
}

/** Where the kernel's log ends now, for {@link logSince}. */
export async function logEnd(host: Pick<Host, 'request'>): Promise<number> {
  return (await host.request('kernel-log', {})).next;
}

/** What the kernel has said since, up to a bound that no driver's mistake needs. */
export async function logSince(host: Pick<Host, 'request'>, from: number): Promise<KernelLogRecord[]> {
  const records: KernelLogRecord[] = [];
  for (let more = true; more && records.length < 20_000;) {
    const part = await host.request('kernel-log', { from });
    records.push(...part.records);
    ({ next: from, more } = part);
  }
  return records;
}
