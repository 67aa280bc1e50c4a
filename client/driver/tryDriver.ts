/**
 * Try my driver, without VS Code: build, swap, audit, scripts, and what the kernel said of it. Each step is told as it starts and
 * ends, and nothing that happened is lost when one fails.
 */
import { readFile } from 'node:fs/promises';
import type { DriverBuild } from '../../protocol/driverBuild';
import { auditRegions, type AuditRow } from '../audit/regionAudit';
import { LinkLostError } from '../base/helperErrors';
import { sentenceOf, UserError } from '../base/userError';
import { CancelledError } from '../base/cancelled';
import type { DriverSwitch } from '../hosts/driverSwitch';
import type { Host } from '../hosts/host';
import { neutralise } from '../../protocol/remoteText';
import { buildDriver, type DriverBuilt } from './buildDriver';
import { describedDriver, moduleName } from './description';
import type { DriverSource } from './driverSource';
import { kernelReports } from './kernelReports';
import { placeReports, type PlacedReport } from './sourceLines';
import { logEnd, logSince, inspectModule, swapModule, type Present } from './swapModule';

export const TRY_STEPS = ['build', 'load', 'audit', 'scripts', 'log'] as const;
export type TryStep = (typeof TRY_STEPS)[number];

export interface TryOptions {
  readonly host: Host;
  readonly drivers: Pick<DriverSwitch, 'bind'>;
  readonly description: DriverBuild;
  readonly source: DriverSource;
  readonly storage: string;
  readonly signal: AbortSignal;
  readonly output: (text: string) => void;
  /** The function to be audited when none is bound to the driver yet. */
  readonly address: string | undefined;
  /** Asked once, after the build, before anything on the host is changed. */
  readonly confirm: (present: Present, addresses: readonly string[]) => Promise<boolean>;
  /** Asked before each change of the host; a lab's owner is not asked. */
  readonly agree: (step: string) => Promise<boolean>;
  /** Runs the chosen scripts on a function. @returns whether all passed */
  readonly scripts: (address: string) => Promise<boolean>;
  readonly onStart: (step: TryStep) => void;
  readonly onEnd: (step: TryStep, ok: boolean, why: string, ms: number) => void;
}

export interface TryResult {
  readonly built: DriverBuilt | undefined;
  /** Of the audited function, when it came so far. */
  readonly audit: readonly AuditRow[] | undefined;
  readonly address: string | undefined;
  readonly reports: readonly PlacedReport[];
  /** Every step that was begun went well, no kernel report included. */
  readonly ok: boolean;
}

/** @throws CancelledError when the person declined or cancelled before anything was changed; later failures go to onEnd */
export async function tryDriver(options: TryOptions): Promise<TryResult> {
  const { host, description, source, signal } = options;
  const name = moduleName(source.module);
  checkKernel(host, description);
  let ok = true;
  const run = async <T>(
    which: TryStep,
    work: () => Promise<T>,
    verdict: (result: T) => string,
  ): Promise<T | undefined> => {
    options.onStart(which);
    const start = performance.now();
    try {
      const result = await work();
      const why = verdict(result);
      ok &&= why === '';
      options.onEnd(which, why === '', why, performance.now() - start);
      return result;
    } catch (error) {
      ok = false;
      options.onEnd(which, false, neutralise(sentenceOf(error), 2000), performance.now() - start);
      return undefined;
    }
  };
  const built = await run(
    'build',
    () => buildDriver(options),
    ({ why }) => why,
  );
  const nothing = { built, audit: undefined, address: undefined, reports: [], ok: false };
  if (!built?.ok) return nothing;
  if (signal.aborted) throw new CancelledError();
  const present = await inspectModule(host, name);
  const wanted = present.bound.length === 0 && options.address !== undefined ? [options.address] : [];
  const addresses = [...present.bound.map(({ address }) => address), ...wanted];
  if (!(await options.confirm(present, addresses))) throw new CancelledError();
  const { running } = describedDriver(description, source.module);
  const former = running === undefined ? undefined : await readFile(running);
  const from = await logEnd(host);
  const loaded = await run(
    'load',
    () =>
      swapModule({
        host,
        drivers: options.drivers,
        present,
        image: built.image,
        former,
        wanted,
        agree: options.agree,
      }),
    () => '',
  );
  const address =
    options.address !== undefined && addresses.includes(options.address) ? options.address : addresses[0];
  let audit: AuditRow[] | undefined;
  if (loaded && address !== undefined && !signal.aborted) {
    audit = await run('audit', () => auditFunction(host, address), auditVerdict);
    if (audit && !signal.aborted)
      await run(
        'scripts',
        () => options.scripts(address),
        (passed) => (passed ? '' : 'A script failed.'),
      );
  }
  const reports = await run('log', () => readReports(options, from, built), reportsVerdict);
  return { built, audit, address, reports: reports ?? [], ok };
}

/** A module that was built for another kernel is not even tried. */
function checkKernel(host: Host, description: DriverBuild): void {
  const { kernel } = host;
  if (kernel === undefined) throw new UserError(`${host.name} is not connected; connect it first.`);
  if (kernel !== description.kernel)
    throw new UserError(
      `${host.name} runs Linux ${neutralise(kernel)}, but drivers are built for ${description.kernel}; take the description of its kernel.`,
    );
}

async function auditFunction(host: Host, address: string): Promise<AuditRow[]> {
  const { handle } = await host.open(address);
  const { regions } = await host.request('regions', { handle });
  const { resources } = await host.request('describe', { address });
  return auditRegions(regions, resources);
}

/** Whether programs that know vfio-pci find the region as there; its offset is the driver's own affair. */
export function isAsVfioPci({ answer, plain, kind }: AuditRow): boolean {
  if (kind === 'odd') return false;
  const size = 'size' in answer && 'size' in plain ? plain.size : undefined;
  return size === undefined || !('size' in answer) || BigInt(answer.size) === size;
}

function auditVerdict(rows: readonly AuditRow[]): string {
  const odd = rows.filter((row) => !isAsVfioPci(row)).map(({ answer }) => answer.index);
  if (odd.length === 0) return '';
  return odd.length === 1
    ? `1 index is not answered as by vfio-pci: ${odd.join(', ')}.`
    : `${odd.length} indexes are not answered as by vfio-pci: ${odd.join(', ')}.`;
}

async function readReports(options: TryOptions, from: number, built: DriverBuilt): Promise<PlacedReport[]> {
  const { host, source, description } = options;
  let records;
  try {
    records = await logSince(host, from);
  } catch (error) {
    if (!(error instanceof LinkLostError)) throw error;
    throw new UserError(
      `The link was lost before the kernel's log was read; the kernel of ${host.name} may have stopped.`,
    );
  }
  for (const [, us, , text] of records)
    options.output(`[${(us / 1e6).toFixed(6).padStart(12)}] ${neutralise(text, 1024)}\n`);
  // The lines of a report are wanted also when the person cancelled meanwhile.
  const tools = { description, signal: new AbortController().signal, output: options.output };
  return placeReports(kernelReports(records), built, source, tools);
}

function reportsVerdict(reports: readonly PlacedReport[]): string {
  const [first] = reports;
  if (!first) return '';
  const title = neutralise(first.report.title);
  return reports.length === 1
    ? `The kernel complained: ${title}`
    : `The kernel complained ${reports.length} times, first: ${title}`;
}
