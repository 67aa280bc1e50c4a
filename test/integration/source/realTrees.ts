import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** The kernels whose sources the tests read. */
export const releases = ['6.1', '6.12', '7.2', '7.3'] as const;

/** The trees that concern vfio and zPCI: whole folders, and in the last two the files whose name begins with vfio. */
const folders = [
  'drivers/vfio',
  'samples/vfio-mdev',
  'arch/s390/pci',
  'drivers/s390/net',
  'drivers/gpu/drm/i915/gvt/kvmgt.c',
  'tools/testing/selftests/vfio',
];
const named = ['drivers/s390/cio', 'drivers/s390/crypto'];

/** One tree of a kernel: the name it is reported by, and its files and folders. */
export interface RealTree {
  readonly name: string;
  readonly targets: readonly string[];
}

/** The trees of one kernel, as far as it has them: the self-tests are younger than 6.12. */
export function realTrees(kernel: string): RealTree[] {
  const whole = folders.map((name) => ({ name, targets: [path.join(kernel, name)] }));
  const selected = named.map((name) => ({
    name: `${name}/vfio*`,
    targets: readdirSync(path.join(kernel, name))
      .filter((file) => file.startsWith('vfio'))
      .map((file) => path.join(kernel, name, file)),
  }));
  return [...whole, ...selected].filter(({ targets }) => targets.length > 0 && targets.every(existsSync));
}

/** The C files and headers below a file or folder, in order. */
export function* cFiles(target: string): Generator<string> {
  if (statSync(target).isDirectory())
    for (const name of readdirSync(target).sort()) yield* cFiles(path.join(target, name));
  else if (/\.[ch]$/.test(target)) yield target;
}
