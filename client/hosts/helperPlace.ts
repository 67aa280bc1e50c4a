/**
 * Where the helper may be on a host, and the shell texts that look for it. Everything in a text is a constant of ours or
 * hex digits: nothing that a host or a user said becomes part of a command line.
 */

/** Below the remote home directory, where both SFTP and a command start. */
export const USER_DIRECTORY = '.cache/ism-driver-tools';

/**
 * An installation by the administrator, owned by root. A sudoers line may name it; one must never name a file that its
 * user can write.
 */
export const SYSTEM_HELPER = '/usr/local/libexec/ism-driver-tools/ism-helper';

/** The name carries the checksum, so that versions do not disturb each other. @param sum SHA-256 in hex */
export const userHelper = (sum: string): string => `${USER_DIRECTORY}/ism-helper-${sum.slice(0, 16)}`;

/**
 * A command line for any login shell. sh, bash, fish, csh and busybox take text in single quotes as it is; ours has
 * neither quotes nor exclamation marks.
 */
export const script = (text: string): string => `exec sh -c '${text}'`;

/** Set off what our script prints from what a shell's start files print before and after it. */
const BEGIN = 'ism-probe-begin';
const END = 'ism-probe-end';

/** What a host looks like before the helper runs there. */
export interface Probe {
  readonly machine: string;
  /** User id of the login. */
  readonly uid: number;
  /** SHA-256 of our helper in the user's directory, undefined when it is not there. */
  readonly userSum: string | undefined;
  /** SHA-256 of the system's helper; undefined when it is not there or somebody but root could change it. */
  readonly systemSum: string | undefined;
  /** Whether sudo runs the system's helper, or anything at all, without a password. */
  readonly sudoSystem: boolean;
  readonly sudoAnything: boolean;
}

/** One round trip that answers all of {@link Probe}. */
export function probeScript(sum: string): string {
  const folders = [
    '/usr',
    '/usr/local',
    '/usr/local/libexec',
    '/usr/local/libexec/ism-driver-tools',
    SYSTEM_HELPER,
  ];
  // Every folder on the way counts: who can write one can exchange what is in it.
  const foreign = `find ${folders.join(' ')} -maxdepth 0 -perm /022`;
  const owned = `find ${folders.join(' ')} -maxdepth 0 -user 0`;
  return script(
    [
      `echo ${BEGIN}`,
      'echo machine $(uname -m)',
      'echo uid $(id -u)',
      `test -f ${userHelper(sum)} && echo user $(sha256sum ${userHelper(sum)})`,
      `if test -x ${SYSTEM_HELPER} && test $(${owned} | wc -l) = ${folders.length} && test -z "$(${foreign})"; then echo system $(sha256sum ${SYSTEM_HELPER}); sudo -n ${SYSTEM_HELPER} --version >/dev/null 2>&1 && echo sudo system; fi`,
      'sudo -n true >/dev/null 2>&1 && echo sudo anything',
      `echo ${END}`,
    ].join('; '),
  );
}

/** Reads the answer of {@link probeScript}; undefined when the script did not run. */
export function readProbe(output: string): Probe | undefined {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  const begin = lines.lastIndexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  if (begin < 0 || end < 0) return undefined;
  const own = lines.slice(begin + 1, end);
  const value = (name: string): string | undefined =>
    own.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const sumOf = (name: string): string | undefined => /^[0-9a-f]{64}/.exec(value(name) ?? '')?.[0];
  const uid = Number(value('uid'));
  return {
    machine: value('machine') ?? '',
    uid: Number.isInteger(uid) ? uid : -1,
    userSum: sumOf('user'),
    systemSum: sumOf('system'),
    sudoSystem: own.includes('sudo system'),
    sudoAnything: own.includes('sudo anything'),
  };
}
