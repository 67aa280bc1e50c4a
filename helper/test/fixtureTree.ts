/** A small /sys and /dev in a temporary folder, in the shape of an s390 host with ISM functions, for tests. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface FixtureFunction {
  readonly address: string;
  readonly vendor?: string;
  readonly device?: string;
  readonly driver?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly iommuGroup?: string;
}

export class FixtureTree {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ism-sysfs-'));
  readonly sysfs = path.join(this.folder, 'sys');
  readonly dev = path.join(this.folder, 'dev');
  /** In place of /lib/modules; it is not there unless a test makes it. */
  readonly modules = path.join(this.folder, 'modules');
  /** How the build for tests is told of them. */
  readonly args: readonly string[] = [
    ...['--sysfs-root', this.sysfs, '--dev-root', this.dev],
    ...['--modules-root', this.modules],
  ];

  constructor(functions: readonly FixtureFunction[], drivers: readonly string[] = ['ism_vfio_pci', 'ism']) {
    mkdirSync(path.join(this.sysfs, 'bus/pci/devices'), { recursive: true });
    mkdirSync(path.join(this.dev, 'vfio'), { recursive: true });
    writeFileSync(path.join(this.sysfs, 'bus/pci/drivers_probe'), '');
    for (const driver of drivers) {
      mkdirSync(path.join(this.sysfs, 'bus/pci/drivers', driver), { recursive: true });
      writeFileSync(path.join(this.sysfs, 'bus/pci/drivers', driver, 'unbind'), '');
    }
    functions.forEach((fn) => this.add(fn));
  }

  add(fn: FixtureFunction): void {
    const folder = this.of(fn.address);
    mkdirSync(folder, { recursive: true });
    const attributes = {
      vendor: fn.vendor ?? '0x1014',
      device: fn.device ?? '0x04ed',
      driver_override: '(null)',
      function_id: '0x00000061',
      ...fn.attributes,
    };
    for (const [name, value] of Object.entries(attributes))
      writeFileSync(path.join(folder, name), `${value}\n`);
    if (fn.driver) symlinkSync(path.join('../../drivers', fn.driver), path.join(folder, 'driver'));
    if (fn.iommuGroup)
      symlinkSync(
        path.join('../../../../kernel/iommu_groups', fn.iommuGroup),
        path.join(folder, 'iommu_group'),
      );
  }

  of(address: string): string {
    return path.join(this.sysfs, 'bus/pci/devices', address);
  }

  /** What a file below /sys holds now. */
  read(file: string): string {
    return readFileSync(path.join(this.sysfs, file), 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
