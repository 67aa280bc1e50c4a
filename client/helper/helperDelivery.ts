/**
 * Bringing the helper to a host: a private directory, a name that carries the SHA-256, a temporary name first, and a
 * checksum on the host before each start.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RemoteText } from '../../protocol/remoteText';
import {
  placeScript,
  probeScript,
  readProbe,
  script,
  SYSTEM_HELPER,
  USER_DIRECTORY,
  userHelper,
  type Probe,
} from './helperPlace';
import type { Prompts } from '../ssh/prompts';
import type { SshConnection } from '../ssh/sshConnection';
import { UserError } from '../base/userError';

/** A helper that is on the host and is exactly ours. */
export interface DeliveredHelper {
  /** Path as a command takes it. */
  readonly path: string;
  /** Root's own installation, which a sudoers line may name. */
  readonly system: boolean;
  readonly probe: Probe;
}

/**
 * Makes sure that exactly our helper is on the host.
 *
 * @param helperFile the s390x binary that came with the extension
 * @throws UserError when the host is of another architecture, or the upload was refused or failed
 */
export async function deliverHelper(
  ssh: SshConnection,
  helperFile: string,
  prompts: Prompts,
  report: (line: string) => void,
): Promise<DeliveredHelper> {
  const helper = await readFile(helperFile).catch((error: unknown) => {
    throw new UserError(
      'The helper program is missing from this installation; run "npm run package" and install the extension again.',
      String(error),
    );
  });
  const sum = createHash('sha256').update(helper).digest('hex');
  const promised = await readFile(`${helperFile}.sha256`, 'utf8').catch(() => undefined);
  if (promised !== undefined && promised.slice(0, 64) !== sum)
    throw new UserError('The helper program of this installation is damaged; install the extension again.');
  const answer = await ssh.run(probeScript(sum));
  const probe = readProbe(answer.stdout);
  if (!probe)
    throw new UserError(
      `${ssh.target} does not run commands as a shell does; its login shell may be restricted.`,
      `${answer.stdout.lines()}\n${answer.stderr.lines()}`,
    );
  if (probe.machine !== 's390x')
    throw new UserError(
      `${ssh.target} is a machine of type '${printable(probe.machine)}'; ISM functions exist on s390x hosts only.`,
    );
  if (probe.systemSum === sum) return { path: SYSTEM_HELPER, system: true, probe };
  if (probe.systemSum) report(`${SYSTEM_HELPER} on ${ssh.target} is another version; it is not used`);
  if (probe.systemForeign !== undefined)
    report(
      `${SYSTEM_HELPER} on ${ssh.target} is not used, since others than root can change ${probe.systemForeign}`,
    );
  const placed = probe.userSum === sum ? probe : await install(ssh, helper, sum, prompts, report);
  if (placed.userForeign !== undefined) throw exchangeable(ssh, placed.userForeign);
  return { path: userHelper(sum), system: false, probe };
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);

/** Another user could put a program of their own in the helper's place, and it would run with this user's rights, or root's. */
const exchangeable = (ssh: SshConnection, place: string): UserError =>
  new UserError(
    `The helper is not started on ${ssh.target}, since other users can change ${place}; make it writable for you alone, or have the helper installed in ${SYSTEM_HELPER}.`,
  );

/** @returns what the host says of the file that is there now */
async function install(
  ssh: SshConnection,
  helper: Buffer,
  sum: string,
  prompts: Prompts,
  report: (line: string) => void,
): Promise<Probe> {
  if (!(await prompts.uploadHelper(ssh.target, `~/${USER_DIRECTORY}`, helper.length)))
    throw new UserError(
      `Without its helper on ${ssh.target} the extension cannot see ISM functions; connect again to install it.`,
    );
  const temporary = `${USER_DIRECTORY}/.upload-${randomBytes(8).toString('hex')}`;
  report(`uploading the helper (${helper.length} bytes) to ${ssh.target}:~/${userHelper(sum)}`);
  try {
    await upload(ssh, helper, temporary);
    const answer = await ssh.run(placeScript(temporary, sum));
    const placed = readProbe(answer.stdout);
    if (placed?.userSum !== sum)
      throw new UserError(
        `The helper could not be installed in ~/${USER_DIRECTORY} on ${ssh.target}; check that its disk has room.`,
        `${answer.stdout.lines()}\n${answer.stderr.lines()}`,
      );
    return placed;
  } catch (error) {
    await ssh.run(script(`rm -f ${temporary}`)).catch(() => undefined);
    throw error;
  }
}

async function upload(ssh: SshConnection, data: Buffer, remote: string): Promise<void> {
  const made = await ssh.run(
    script(`umask 077 && mkdir -p ${USER_DIRECTORY} && chmod 700 ${USER_DIRECTORY}`),
  );
  if (made.code !== 0)
    throw new UserError(
      `~/${USER_DIRECTORY} cannot be created on ${ssh.target}; check that the home directory exists and can be written.`,
      made.stderr.lines(),
    );
  // Through a command, which every host that we can use has: an SFTP server may be missing, or look at another folder, and is one
  // session more, which some hosts do not allow.
  const sent = await ssh.run(script(`umask 077 && cat > ${remote}`), data);
  if (sent.code !== 0) throw noRoom(ssh, sent.stderr);
}

const noRoom = (ssh: SshConnection, detail: RemoteText): UserError =>
  new UserError(
    `The helper could not be written to ~/${USER_DIRECTORY} on ${ssh.target}; check that its disk has room and the quota is not used up.`,
    detail.lines(),
  );
