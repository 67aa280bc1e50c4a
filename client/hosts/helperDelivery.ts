/**
 * Bringing the helper to a host: a private directory, a name that carries the SHA-256, a temporary name first, and a
 * checksum on the host before each start.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import {
  probeScript,
  readProbe,
  script,
  SYSTEM_HELPER,
  USER_DIRECTORY,
  userHelper,
  type Probe,
} from './helperPlace';
import type { Prompts } from './prompts';
import type { SshConnection } from './sshConnection';
import { t } from '../l10n';
import { UserError } from './userError';

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
      t(
        'The helper program is missing from this installation; run "npm run package" and install the extension again.',
      ),
      String(error),
    );
  });
  const sum = createHash('sha256').update(helper).digest('hex');
  const promised = await readFile(`${helperFile}.sha256`, 'utf8').catch(() => undefined);
  if (promised !== undefined && promised.slice(0, 64) !== sum)
    throw new UserError(
      t('The helper program of this installation is damaged; install the extension again.'),
    );
  const answer = await ssh.run(probeScript(sum));
  const probe = readProbe(answer.stdout);
  if (!probe)
    throw new UserError(
      t('{0} does not run commands as a shell does; its login shell may be restricted.', ssh.target),
      answer.stdout + answer.stderr,
    );
  if (probe.machine !== 's390x')
    throw new UserError(
      t(
        "{0} is a machine of type '{1}'; ISM functions exist on s390x hosts only.",
        ssh.target,
        printable(probe.machine),
      ),
    );
  if (probe.systemSum === sum) return { path: SYSTEM_HELPER, system: true, probe };
  if (probe.systemSum) report(`${SYSTEM_HELPER} on ${ssh.target} is another version; it is not used`);
  if (probe.userSum !== sum) await install(ssh, helper, sum, prompts, report);
  return { path: userHelper(sum), system: false, probe };
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);

async function install(
  ssh: SshConnection,
  helper: Buffer,
  sum: string,
  prompts: Prompts,
  report: (line: string) => void,
): Promise<void> {
  if (!(await prompts.uploadHelper(ssh.target, `~/${USER_DIRECTORY}`, helper.length)))
    throw new UserError(
      t(
        'Without its helper on {0} the extension cannot see ISM functions; connect again to install it.',
        ssh.target,
      ),
    );
  const name = userHelper(sum);
  const temporary = `${USER_DIRECTORY}/.upload-${randomBytes(8).toString('hex')}`;
  report(`uploading the helper (${helper.length} bytes) to ${ssh.target}:~/${name}`);
  try {
    await upload(ssh, helper, temporary, report);
    const placed = await ssh.run(
      script(`chmod 700 ${temporary} && sha256sum ${temporary} && mv -f ${temporary} ${name}`),
    );
    if (placed.code !== 0 || !placed.stdout.includes(sum))
      throw new UserError(
        t(
          'The helper could not be installed in ~/{0} on {1}; check that its disk has room.',
          USER_DIRECTORY,
          ssh.target,
        ),
        placed.stdout + placed.stderr,
      );
  } catch (error) {
    await ssh.run(script(`rm -f ${temporary}`)).catch(() => undefined);
    throw error;
  }
  // A helper that another window still runs stays alive without its name.
  const others = `for f in ${USER_DIRECTORY}/ism-helper-* ${USER_DIRECTORY}/.upload-*; do test "$f" = ${name} || rm -f "$f"; done`;
  await ssh.run(script(others));
}

async function upload(
  ssh: SshConnection,
  data: Buffer,
  remote: string,
  report: (line: string) => void,
): Promise<void> {
  const made = await ssh.run(
    script(`umask 077 && mkdir -p ${USER_DIRECTORY} && chmod 700 ${USER_DIRECTORY}`),
  );
  if (made.code !== 0)
    throw new UserError(
      t(
        '~/{0} cannot be created on {1}; check that the home directory exists and can be written.',
        USER_DIRECTORY,
        ssh.target,
      ),
      made.stderr,
    );
  let sftp: SFTPWrapper | undefined;
  try {
    sftp = await ssh.sftp();
  } catch (error) {
    report(`no SFTP on this host (${String(error)}); sending the helper through a command instead`);
    const sent = await ssh.run(script(`umask 077 && cat > ${remote}`), data);
    if (sent.code !== 0) throw noRoom(ssh, sent.stderr);
    return;
  }
  try {
    await new Promise<void>((resolve, reject) =>
      sftp.writeFile(remote, data, { mode: 0o700 }, (error) => (error ? reject(error) : resolve())),
    );
  } catch (error) {
    throw noRoom(ssh, String(error));
  } finally {
    sftp.end();
  }
}

const noRoom = (ssh: SshConnection, detail: string): UserError =>
  new UserError(
    t(
      'The helper could not be written to ~/{0} on {1}; check that its disk has room and the quota is not used up.',
      USER_DIRECTORY,
      ssh.target,
    ),
    detail,
  );
