/** From `function+0x12` of the kernel's log to a line of source, by the module that was loaded. */
import path from 'node:path';
import { runTool, type BuildOptions, type DriverBuilt } from './buildDriver';
import { moduleName } from './description';
import type { DriverSource } from './driverSource';
import type { Frame, KernelReport } from './kernelReports';

export interface SourceLine {
  /** The user's file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A frame of the driver with its line. */
export interface PlacedFrame extends SourceLine {
  readonly frame: Frame;
}

/** A report with the line it belongs to; none when no frame is the driver's. */
export interface PlacedReport {
  readonly report: KernelReport;
  readonly at: SourceLine | undefined;
  /** The driver's frames in the order of the report. */
  readonly frames: readonly PlacedFrame[];
}

interface Symbol {
  readonly name: string;
  readonly section: string;
  readonly value: number;
  readonly size: number;
}

/** Functions of `objdump -t`: `0000000000000040 l     F .text  00000000000000a8 name`. */
export function symbolsOf(table: string): Symbol[] {
  return [...table.matchAll(/^([0-9a-f]+) .{6}F (\S+)\s+([0-9a-f]+)\s+(?:\.hidden )?(\S+)$/gm)].map(
    ([, value = '', section = '', size = '', name = '']) => ({
      ...{ name, section, value: parseInt(value, 16), size: parseInt(size, 16) },
    }),
  );
}

/**
 * Finds the lines of reports. Most addresses are those behind a call, so that the byte before is looked up.
 *
 * @param built the very module that ran
 */
export async function placeReports(
  reports: readonly KernelReport[],
  built: DriverBuilt,
  source: DriverSource,
  tools: Pick<BuildOptions, 'description' | 'signal' | 'output'>,
): Promise<PlacedReport[]> {
  const own = (frame: Frame): boolean => moduleName(frame.module) === moduleName(source.module);
  const frames = reports.flatMap((report) => report.frames.filter(own));
  const lines = frames.length > 0 ? await linesOf(frames, built, tools) : new Map<Frame, SourceLine>();
  return reports.map((report) => {
    const placed = report.frames.flatMap((frame) => {
      const line = lines.get(frame);
      return line ? [{ frame, ...line }] : [];
    });
    const [first] = placed;
    // What the kernel says itself is exact, if it is a file of the driver.
    const said = report.place && fileNamed(report.place.file, built);
    return {
      report,
      at:
        said !== undefined && report.place
          ? { file: said, line: report.place.line }
          : first && { file: first.file, line: first.line },
      frames: placed,
    };
  });
}

function fileNamed(name: string, { copy }: DriverBuilt): string | undefined {
  const direct = copy.original(name);
  if (direct !== undefined) return direct;
  const same = copy.files.filter((file) => file.endsWith(`${path.sep}${name}`));
  return same.length === 1 ? same[0] : undefined;
}

async function linesOf(
  frames: readonly Frame[],
  built: DriverBuilt,
  tools: Pick<BuildOptions, 'description' | 'signal' | 'output'>,
): Promise<Map<Frame, SourceLine>> {
  const quiet = { ...tools, output: () => undefined };
  const { objdump, addr2line } = tools.description;
  const symbols = symbolsOf((await runTool(quiet, objdump, ['-t', built.module])).text);
  const wanted = new Map<string, { frame: Frame; address: number }[]>();
  for (const frame of frames) {
    const named = symbols.filter(({ name }) => name === frame.symbol);
    const symbol = named.find(({ size }) => size === frame.size) ?? named[0];
    if (!symbol) continue;
    const behind = frame.exact || frame.offset === 0 ? 0 : 1;
    const list = wanted.get(symbol.section) ?? [];
    list.push({ frame, address: symbol.value + frame.offset - behind });
    wanted.set(symbol.section, list);
  }
  const found = new Map<Frame, SourceLine>();
  for (const [section, list] of wanted) {
    const addresses = list.map(({ address }) => `0x${address.toString(16)}`);
    const { text } = await runTool(quiet, addr2line, [
      '-i',
      '-a',
      '-e',
      built.module,
      '-j',
      section,
      ...addresses,
    ]);
    // With -a each answer starts with its address; with -i functions that were compiled into others come first.
    const answers = text.split(/^0x[0-9a-f]+\n/m).slice(1);
    list.forEach(({ frame }, index) => {
      for (const [, file = '', line] of (answers[index] ?? '').matchAll(/^(.+):(\d+)(?: \(.*\))?$/gm)) {
        const original = built.copy.original(file);
        if (original === undefined || found.has(frame)) continue;
        found.set(frame, { file: original, line: Number(line) });
      }
    });
  }
  return found;
}
