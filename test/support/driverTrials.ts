/** A copy of the real ISM driver in a workspace of its own, tried on a host without a person. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDescription } from '../../client/driver/description';
import { driverSource } from '../../client/driver/driverSource';
import { tryDriver, type TryOptions, type TryResult, type TryStep } from '../../client/driver/tryDriver';
import type { DriverSwitch } from '../../client/hosts/driverSwitch';
import type { Host } from '../../client/hosts/host';

export interface Trial extends TryResult {
  /** What became of each step: empty when it went well. */
  readonly steps: ReadonlyMap<TryStep, string>;
  /** From the call to the end, in milliseconds. */
  readonly ms: number;
  readonly output: string;
}

/** A host that drivers are tried on. */
export interface TrialHost {
  readonly host: Host;
  readonly drivers: DriverSwitch;
}

export class DriverTrials {
  readonly root = mkdtempSync(path.join(tmpdir(), 'ism-try-'));
  readonly file = path.join(this.root, 'drivers/vfio/pci/ism/main.c');
  private readonly storage = path.join(this.root, '.storage');

  /** @param sources a folder that holds drivers/vfio/pci */
  constructor(
    private readonly sources: string,
    private readonly descriptionFile: string,
  ) {
    mkdirSync(path.join(this.root, 'drivers/vfio'), { recursive: true });
    cpSync(path.join(sources, 'drivers/vfio/pci'), path.join(this.root, 'drivers/vfio/pci'), {
      recursive: true,
    });
  }

  /** The driver as the kernel has it. */
  get unchanged(): string {
    return readFileSync(path.join(this.sources, 'drivers/vfio/pci/ism/main.c'), 'utf8');
  }

  /** Saves the driver. */
  save(text: string): void {
    writeFileSync(this.file, text);
  }

  /** The line, from 1, of the saved driver that contains a text. */
  lineOf(text: string): number {
    return (
      readFileSync(this.file, 'utf8')
        .split('\n')
        .findIndex((line) => line.includes(text)) + 1
    );
  }

  /** Tries what is saved, agreeing to everything unless told. */
  async run({ host, drivers }: TrialHost, changes: Partial<TryOptions> = {}): Promise<Trial> {
    const steps = new Map<TryStep, string>();
    const start = performance.now();
    let output = '';
    const result = await tryDriver({
      host,
      drivers,
      description: await readDescription(this.descriptionFile),
      source: driverSource(path.dirname(this.file), this.root),
      storage: this.storage,
      signal: new AbortController().signal,
      output: (text) => (output += text),
      address: host.functions[0]?.address,
      confirm: () => Promise.resolve(true),
      agree: () => Promise.resolve(true),
      scripts: () => Promise.resolve(true),
      onStart: () => undefined,
      onEnd: (step, _ok, why) => steps.set(step, why),
      ...changes,
    });
    return { ...result, steps, ms: performance.now() - start, output };
  }

  end(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
