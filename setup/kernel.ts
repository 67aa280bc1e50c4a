import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PrivateApt } from './apt';
import type { SetupContext } from './context';
import { privateRoot, type RootPlan } from './privateRoot';
import { filesBelow, rewriteFile, wrapPrograms, type RootPlace } from './relocate';
import { SetupError } from './setupError';
import { compareByNumbers } from './versions';
import { labWorld } from './worlds';

/** A kernel for s390x, with what modules are built against. */
export interface GuestKernel {
  /** What `uname -r` says, for example 7.2.12+deb14-s390x. */
  readonly release: string;
  /** Version of the package that the sources come from, for a kernel that was built here. */
  readonly sourceVersion?: string;
  /** The release of the sources, for example 7.2: names the package linux-source-7.2. */
  readonly sourceRelease: string;
  /** The image that QEMU's -kernel takes. */
  readonly image: string;
  /** The folder that holds the modules, compressed or not. */
  readonly modules: string;
  /** For `make -C`: the configured headers. Its paths lead into the cache. */
  readonly build: string;
  /** Folder of the tools that kbuild calls by name (pahole); to be in PATH while modules are built. */
  readonly tools: string;
  /** Identifies the content; part of keys of what is built from it. */
  readonly key: string;
}

/** Provides the newest kernel for s390x of which the archive also has the sources and the tools to build modules. */
export async function guestKernel(setup: SetupContext): Promise<GuestKernel> {
  const root = await privateRoot(setup, {
    name: 'kernel',
    what: "Debian's kernel for s390x with its modules and headers",
    world: labWorld,
    recipe: 1,
    plan,
    finish,
  });
  const { release = '', sourceRelease = '' } = root.facts;
  const modules = path.join(root.folder, 'usr/lib/modules', release);
  const images = [path.join(modules, 'vmlinuz'), path.join(root.folder, 'boot', `vmlinuz-${release}`)];
  const image = images.find((file) => existsSync(file));
  if (!image)
    throw new SetupError(`The packages of kernel ${release} hold no image at ${images.join(' or ')}.`);
  return {
    release,
    sourceRelease,
    image,
    modules,
    build: path.join(root.folder, 'usr/src', `linux-headers-${release}`),
    tools: path.join(root.folder, 'usr/bin'),
    key: path.basename(root.folder),
  };
}

async function plan(apt: PrivateApt): Promise<RootPlan> {
  const images = await apt.names('^linux-image-[0-9].*-s390x$');
  const sources = new Set(await apt.names('^linux-source-[0-9.]+$'));
  const sourceOf = (image: string): string => /^linux-image-(\d+\.\d+)/.exec(image)?.[1] ?? '';
  let image: string | undefined;
  for (const candidate of [...images].sort(compareByNumbers).reverse()) {
    // Architectures are not always equally far, and the tools to build modules have to run here.
    const tools = await dependencies(apt, candidate.replace('image', 'headers'), /^linux-kbuild-/);
    const runHere = tools[0] ? await apt.show(`${tools[0]}:amd64`, 'Version') : [];
    if (!sources.has(`linux-source-${sourceOf(candidate)}`) || !runHere.length) continue;
    image = candidate;
    break;
  }
  if (!image)
    throw new SetupError(
      `The archive has kernels for s390x (${images.join(', ')}) but for none of them both the sources and the tools to build modules.`,
    );
  const release = image.replace('linux-image-', '');
  const headers = `linux-headers-${release}`;
  const parts = await dependencies(apt, image, /^linux-(binary|modules|base)-/);
  const headerParts = await dependencies(apt, headers, /^linux-(headers|base)-/);
  const kbuild = await dependencies(apt, headers, /^linux-kbuild-/);
  return {
    // Tools that run here while modules are built; these need their libraries.
    packages: kbuild.map((name) => `${name}:amd64`),
    // The dependencies of the rest are an initramfs generator and a compiler that would run on s390x.
    alone: [image, ...parts, headers, ...headerParts].map((name) =>
      name.endsWith('-common') ? name : `${name}:s390x`,
    ),
    facts: { release, sourceRelease: sourceOf(image) },
  };
}

/** The names of a package's direct dependencies that match a pattern. */
async function dependencies(apt: PrivateApt, name: string, pattern: RegExp): Promise<string[]> {
  const [line = ''] = await apt.show(`${name}:s390x`, 'Depends');
  const names = line.split(/[,|]/).map((item) => item.trim().split(/[\s:]/)[0] ?? '');
  return [...new Set(names.filter((item) => pattern.test(item) && /-\d/.test(item)))];
}

/** The headers' Makefile names its neighbours by absolute paths, which are ours only after this. */
function finish(place: RootPlace): void {
  wrapPrograms(place);
  const sources = path.join(place.temporary, 'usr/src');
  for (const name of filesBelow(sources))
    if (/^linux-headers-[^/]*\/(Makefile|\.kernelvariables)$/.test(name))
      rewriteFile(path.join(sources, name), (text) =>
        text.replaceAll(/(?<![\w/])\/usr\/(src|lib)\//g, `${place.final}/usr/$1/`),
      );
}
