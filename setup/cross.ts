import path from 'node:path';
import type { SetupContext } from './context';
import { privateRoot } from './privateRoot';
import { wrapPrograms } from './relocate';
import { labWorld } from './worlds';

/** A C compiler for s390x that runs on this machine. */
export interface CrossCompiler {
  /** Path of gcc. `cc -static -O2 -o x x.c -ljansson` needs no further option: the sysroot is built in. */
  readonly cc: string;
  readonly strip: string;
  /** GNU make of the same root. */
  readonly make: string;
  /** The xz of the same root; small machines have none. */
  readonly xz: string;
  /** What the tools' names start with, as Linux's CROSS_COMPILE wants it. */
  readonly prefix: 's390x-linux-gnu-';
  /** Has PATH with the tools first; to be added to the environment of builds. */
  readonly env: { readonly PATH: string };
  /** The private root: headers in usr/include, static jansson in usr/lib/s390x-linux-gnu, licences in usr/share/doc. */
  readonly sysroot: string;
  /** Identifies the content; part of keys of what is built with it. */
  readonly key: string;
  /** Versions of the packages, for those who must name what a binary was made with. */
  readonly versions: { readonly gcc: string; readonly glibc: string; readonly jansson: string };
}

/** Provides gcc, binutils, make and static jansson for s390x from Debian's packages. */
export async function crossCompiler(setup: SetupContext): Promise<CrossCompiler> {
  const root = await privateRoot(setup, {
    name: 'cross',
    what: 'the cross compiler for s390x',
    world: labWorld,
    recipe: 1,
    plan: () => ({
      packages: ['make', 'gcc-s390x-linux-gnu', 'libc6-dev-s390x-cross', 'xz-utils'],
      // Their dependency is the C library for s390x, which libc6-dev-s390x-cross brings for compilers.
      alone: ['libjansson-dev:s390x', 'libjansson4:s390x'],
      // Only needed to build programs with sanitizers for s390x.
      without: ({ name }) => /^lib(asan|lsan|tsan|ubsan|itm|hwasan)\d+-s390x-cross$/.test(name),
    }),
    finish: (place) =>
      wrapPrograms(place, (name) =>
        /^s390x-linux-gnu-(gcc|cpp)-\d+$/.test(name) ? [`--sysroot=${place.final}`] : [],
      ),
  });
  const bin = path.join(root.folder, 'usr/bin');
  return {
    cc: path.join(bin, 's390x-linux-gnu-gcc'),
    strip: path.join(bin, 's390x-linux-gnu-strip'),
    make: path.join(bin, 'make'),
    xz: path.join(bin, 'xz'),
    prefix: 's390x-linux-gnu-',
    env: { PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}` },
    sysroot: root.folder,
    key: path.basename(root.folder),
    versions: {
      gcc: root.versions['gcc-s390x-linux-gnu:amd64'] ?? 'unknown',
      glibc: root.versions['libc6-dev-s390x-cross:all'] ?? 'unknown',
      jansson: root.versions['libjansson-dev:s390x'] ?? 'unknown',
    },
  };
}
