import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentKey } from './artefact';
import type { SetupContext } from './context';
import { findProgram } from './findProgram';
import { privateRoot, type PrivateRoot } from './privateRoot';
import { libraryFolders } from './relocate';
import { hostWorld } from './worlds';

/** Programs that the project's own checks use and machines may lack. */
export type HostTool = 'chromium' | 'clang-format' | 'spatch' | 'ssh' | 'sshd' | 'valgrind';

/** A program of this machine or of a private root next to it. */
export interface HostProgram {
  /** Absolute path. */
  readonly path: string;
  /** To be added to the environment; empty for a program that the machine has installed. */
  readonly env: Readonly<Record<string, string>>;
}

interface ToolPlan {
  /** Names to look for in PATH and the folders of system programs. */
  readonly commands: readonly string[];
  readonly packages: readonly string[];
  /** Where the program is in the private root; the packages' own start script would look below / instead. */
  readonly inRoot: string;
  readonly what: string;
}

const tools: Readonly<Record<HostTool, ToolPlan>> = {
  chromium: {
    commands: ['chromium'],
    packages: ['chromium'],
    inRoot: 'usr/lib/chromium/chromium',
    what: 'the browser Chromium',
  },
  'clang-format': {
    commands: ['clang-format'],
    packages: ['clang-format'],
    inRoot: 'usr/bin/clang-format',
    what: 'clang-format',
  },
  spatch: {
    commands: ['spatch'],
    packages: ['coccinelle'],
    inRoot: 'usr/bin/spatch',
    what: 'Coccinelle',
  },
  ssh: {
    commands: ['ssh'],
    packages: ['openssh-client'],
    inRoot: 'usr/bin/ssh',
    what: "OpenSSH's client",
  },
  sshd: {
    commands: ['sshd'],
    packages: ['openssh-server', 'libnss-wrapper'],
    inRoot: 'usr/sbin/sshd',
    what: "OpenSSH's server",
  },
  valgrind: {
    commands: ['valgrind'],
    // It replaces functions of the C library, which it finds by names that the library alone does not have.
    packages: ['valgrind', 'libc6-dbg'],
    inRoot: 'usr/bin/valgrind.bin',
    what: 'valgrind',
  },
};

/**
 * Returns a program: the machine's own when it has it, else one from the machine's own release, unpacked next to the
 * machine's libraries. Nothing is installed.
 * @throws SetupError when neither is possible
 */
export async function ensureHostTool(setup: SetupContext, tool: HostTool): Promise<HostProgram> {
  const { commands, packages, inRoot, what } = tools[tool];
  const own = commands.map(findProgram).find((file) => file !== undefined);
  if (own) return { path: own, env: {} };
  const root = await hostRoot(setup, tool, what, packages);
  const user = tool === 'sshd' ? sshdUser(setup, root) : {};
  return { path: path.join(root.folder, inRoot), env: { ...user, ...libraryEnv(root) } };
}

/**
 * Started by root, sshd insists on a user `sshd`, which its package would have created. libnss_wrapper shows it one
 * without changing the system. (It also wants an empty folder /run/sshd then; that is left to whoever starts it.)
 */
function sshdUser(setup: SetupContext, root: PrivateRoot): Record<string, string> {
  const users = readFileSync('/etc/passwd', 'utf8');
  if (process.getuid?.() !== 0 || /^sshd:/m.test(users)) return {};
  const file = path.join(setup.cache, 'sshd-passwd');
  writeFileSync(file, `${users}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`);
  return {
    LD_PRELOAD: path.join(root.folder, 'usr/lib/x86_64-linux-gnu/libnss_wrapper.so'),
    NSS_WRAPPER_PASSWD: file,
    NSS_WRAPPER_GROUP: '/etc/group',
  };
}

/** A root of packages of the machine's own release, without those that are installed. */
export function hostRoot(
  setup: SetupContext,
  name: string,
  what: string,
  packages: readonly string[],
): Promise<PrivateRoot> {
  // A root of an older list of packages would do only until somebody needs what was added since.
  const recipe = contentKey(packages);
  return privateRoot(setup, { name, what, world: hostWorld, recipe, plan: () => ({ packages }) });
}

/** valgrind; one that was unpacked is told where its own tools are. */
export async function valgrind(setup: SetupContext): Promise<HostProgram> {
  const program = await ensureHostTool(setup, 'valgrind');
  if (Object.keys(program.env).length === 0) return program;
  const libraries = path.join(path.dirname(program.path), '..', 'libexec', 'valgrind');
  return { path: program.path, env: { ...program.env, VALGRIND_LIB: libraries } };
}

/** The folder of a private root that has sudo, as `/` would: it is of use only in a mount namespace, owned by root there. */
export async function sudoRoot(setup: SetupContext): Promise<string> {
  return (await hostRoot(setup, 'sudo', 'sudo', ['sudo'])).folder;
}

/** Login shells that are no kin of sh, for checks of what is sent to them; never the machine's own configuration. */
export async function loginShells(setup: SetupContext): Promise<Readonly<Record<string, HostProgram>>> {
  const shells: Record<string, HostProgram> = {};
  for (const name of ['fish', 'tcsh']) {
    const root = await hostRoot(setup, name, `the shell ${name}`, [name]);
    const { LD_LIBRARY_PATH } = libraryEnv(root);
    shells[name] = { path: path.join(root.folder, 'usr/bin', name), env: { LD_LIBRARY_PATH } };
  }
  return shells;
}

/** The environment in which programs of a host root find their libraries; everything else is the machine's. */
export function libraryEnv(root: PrivateRoot): { LD_LIBRARY_PATH: string; PATH: string } {
  const folders = libraryFolders({ temporary: root.folder, final: root.folder });
  const inherited = process.env['LD_LIBRARY_PATH'];
  return {
    LD_LIBRARY_PATH: [...folders, ...(inherited ? [inherited] : [])].join(':'),
    PATH: `${path.join(root.folder, 'usr/bin')}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
  };
}
