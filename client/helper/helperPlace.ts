/**
 * Where the helper may be on a host, and the shell texts that look for it. Everything in a text is a constant of ours or
 * hex digits: nothing that a host or a user said becomes part of a command line.
 */

import path from 'node:path';
import { neutralise, type RemoteText } from '../../protocol/remoteText';

/** Below the remote home directory, where a command starts. */
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
  /** A file or folder on the way to the user's helper that another user can change, harmless to show; undefined when there is none. */
  readonly userForeign: string | undefined;
  /** SHA-256 of the system's helper; undefined when it is not there or somebody but root could change it. */
  readonly systemSum: string | undefined;
  /** The folder for which the system's helper is not used, since somebody but root could change it. */
  readonly systemForeign: string | undefined;
  /** Whether sudo runs the system's helper, or anything at all, without a password. */
  readonly sudoSystem: boolean;
  readonly sudoAnything: boolean;
}

/** Messages of sudo and of the shell are looked at, so they have to be English ones. */
const ENGLISH = 'LC_ALL=C; export LC_ALL';

/**
 * Prints `foreign PLACE` when another user could exchange the file: by writing it, or by renaming it or a folder on its way. Links
 * are followed to where they lead. A folder is safe that root or this user owns, and that nobody else may write, but for
 * the user's own group (whose name is the user's, as useradd makes them) and for folders such as /tmp (sticky).
 */
function checkOwners(file: string): string {
  const safeOwner = '\\( -user 0 -o -user $u \\)';
  const safeFolder = `${safeOwner} \\( -not -perm /022 -o -perm -1000 -o \\( -not -perm /002 -group $g \\) \\)`;
  return [
    'u=$(id -u)',
    'g=0; if test "$(id -gn)" = "$(id -un)"; then g=$(id -g); fi',
    'w=',
    `test -L ${file} && w=${file}`,
    `test -n "$(find ${file} -maxdepth 0 ${safeOwner} -not -perm /022)" || w=${file}`,
    `d=$(cd ${path.posix.dirname(file)} && pwd -P) || d=; test -n "$d" || w=${file}`,
    `while test -n "$d"; do test -n "$(find "$d" -maxdepth 0 ${safeFolder})" || w="$d"; d=\${d%/*}; done`,
    'test -z "$w" || echo foreign $w',
  ].join('; ');
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
  const foreign = `find ${folders.join(' ')} -maxdepth 0 \\( -perm /022 -o -not -user 0 \\)`;
  const file = userHelper(sum);
  return script(
    [
      ENGLISH,
      `echo ${BEGIN}`,
      'echo machine $(uname -m)',
      'echo uid $(id -u)',
      `if test -f ${file}; then echo user $(sha256sum ${file}); touch -c ${file}; ${checkOwners(file)}; fi`,
      `if test -x ${SYSTEM_HELPER}; then if test -z "$(${foreign})"; then echo system $(sha256sum ${SYSTEM_HELPER}); sudo -n ${SYSTEM_HELPER} --version >/dev/null 2>&1 && echo sudo system; else echo system-foreign $(${foreign}); fi; fi`,
      'sudo -n true >/dev/null 2>&1 && echo sudo anything',
      `echo ${END}`,
    ].join('; '),
  );
}

/**
 * Gives an uploaded file its name, and answers as the probe does: `user SUM`, and `foreign PLACE`.
 *
 * What other versions and other windows need stays: homes are shared by hosts and by windows of several versions. A helper that nobody
 * started for a month goes, and an upload that was never finished after a day.
 */
export function placeScript(temporary: string, sum: string): string {
  const file = userHelper(sum);
  return script(
    [
      ENGLISH,
      `chmod 700 ${temporary} && mv -f ${temporary} ${file}`,
      `echo ${BEGIN}`,
      `echo user $(sha256sum ${file})`,
      checkOwners(file),
      `echo ${END}`,
      `find ${USER_DIRECTORY} -maxdepth 1 -name ".upload-*" -mmin +1440 -exec rm -f {} +`,
      `find ${USER_DIRECTORY} -maxdepth 1 -name "ism-helper-*" -mtime +30 -exec rm -f {} +`,
    ].join('; '),
  );
}

/** Reads the answer of {@link probeScript} or {@link placeScript}; undefined when the script did not run. */
export function readProbe(output: RemoteText): Probe | undefined {
  const lines = output.read((raw) => raw.split(/\r?\n/).map((line) => line.trim()));
  const begin = lines.lastIndexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  if (begin < 0 || end < 0) return undefined;
  const own = lines.slice(begin + 1, end);
  const value = (name: string): string | undefined =>
    own.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const sumOf = (name: string): string | undefined => /^[0-9a-f]{64}/.exec(value(name) ?? '')?.[0];
  const shown = (name: string): string | undefined => {
    const text = value(name);
    return text === undefined ? undefined : neutralise(text, 200);
  };
  const uid = Number(value('uid'));
  return {
    machine: value('machine') ?? '',
    uid: Number.isInteger(uid) ? uid : -1,
    userSum: sumOf('user'),
    userForeign: shown('foreign'),
    systemSum: sumOf('system'),
    systemForeign: shown('system-foreign'),
    sudoSystem: own.includes('sudo system'),
    sudoAnything: own.includes('sudo anything'),
  };
}

/** A command line that starts a program of ours with English messages. */
export const start = (command: string): string => script(`${ENGLISH}; exec ${command}`);
