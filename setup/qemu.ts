import path from 'node:path';
import type { SetupContext } from './context';
import { privateRoot } from './privateRoot';
import { wrapPrograms } from './relocate';
import { labWorld } from './worlds';

export interface Qemu {
  /** Path of qemu-system-s390x; a script that becomes QEMU by exec, so its process id is QEMU's. */
  readonly program: string;
  /** For -L: firmware and key maps. */
  readonly dataFolder: string;
  /** Version of the package. */
  readonly version: string;
}

/** Provides a QEMU for s390x that has the device vfio-user-pci. */
export async function qemuForS390(setup: SetupContext): Promise<Qemu> {
  const root = await privateRoot(setup, {
    name: 'qemu',
    what: 'QEMU for s390x',
    world: labWorld,
    recipe: 1,
    plan: () => ({ packages: ['qemu-system-s390x'] }),
    finish: (place) => wrapPrograms(place),
  });
  return {
    program: path.join(root.folder, 'usr/bin/qemu-system-s390x'),
    dataFolder: path.join(root.folder, 'usr/share/qemu'),
    version: root.versions['qemu-system-s390x:amd64'] ?? 'unknown',
  };
}
