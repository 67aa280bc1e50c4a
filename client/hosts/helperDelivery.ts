/**
 * Bringing the helper to a host: a private directory, a name that carries the SHA-256, a temporary name first, and a
 * checksum on the host before each start. All remote command lines are made of our own constants and hex digits.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import type { Prompts } from './prompts';
import type { SshConnection } from './sshConnection';
import { UserError } from './userError';

/** Relative to the remote home directory, where both SFTP and a command start. */
const DIRECTORY = '.cache/ism-driver-tools';

/**
 * Makes sure that exactly our helper is on the host and returns the command that starts it.
 *
 * @param helperFile the s390x binary that came with the extension
 * @throws UserError when the host is of another architecture, or the upload was refused or failed
 */
export async function deliverHelper(
  ssh: SshConnection,
  helperFile: string,
  prompts: Prompts,
  report: (line: string) => void,
): Promise<string> {
  const helper = await readFile(helperFile).catch((error: unknown) => {
    throw new UserError(
      'The helper program is missing from this installation; run "npm run package" and install the extension again.',
      String(error),
    );
  });
  const sum = createHash('sha256').update(helper).digest('hex');
  const name = `${DIRECTORY}/ism-helper-${sum.slice(0, 16)}`;
  const state = await ssh.run(script(`uname -m; test -f ${name} && sha256sum ${name}; true`));
  const [machine, sumLine] = afterBanner(state.stdout);
  if (machine !== 's390x')
    throw new UserError(
      `${ssh.target} is ${machine ? `an ${printable(machine)} machine` : 'not a machine that answers uname'}; ISM functions exist on s390x hosts only.`,
      state.stdout + state.stderr,
    );
  if (sumLine?.startsWith(sum)) return script(`exec ${name}`);
  if (!(await prompts.uploadHelper(ssh.target, `~/${DIRECTORY}`, helper.length)))
    throw new UserError(
      `Without its helper on ${ssh.target} the extension cannot see ISM functions; connect again to install it.`,
    );
  const temporary = `${DIRECTORY}/.upload-${randomBytes(8).toString('hex')}`;
  report(`uploading the helper (${helper.length} bytes) to ${ssh.target}:~/${name}`);
  await upload(ssh, helper, temporary, report);
  const placed = await ssh.run(
    script(`chmod 700 ${temporary} && sha256sum ${temporary} && mv -f ${temporary} ${name}`),
  );
  if (placed.code !== 0 || !placed.stdout.includes(sum)) {
    await ssh.run(script(`rm -f ${temporary}`));
    throw new UserError(
      `The helper could not be installed in ~/${DIRECTORY} on ${ssh.target}; check that the disk has room and the home directory can be written.`,
      placed.stdout + placed.stderr,
    );
  }
  return script(`exec ${name}`);
}

/**
 * A command line for any login shell. In single quotes sh, bash, fish, csh and busybox take the text as it is, and
 * our text has no quotes.
 */
const script = (text: string): string => `exec sh -c '${text}'`;

/** Shell start files may print before our command does: the machine is on the first line that looks like one. */
function afterBanner(stdout: string): string[] {
  const lines = stdout.split(/\r?\n/).map((line) => line.trim());
  const start = lines.findIndex((line) =>
    /^(s390x?|x86_64|i\d86|aarch64|armv\w+|ppc64\w*|riscv\d+|arm64)$/.test(line),
  );
  return start < 0 ? [] : lines.slice(start);
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);

async function upload(
  ssh: SshConnection,
  data: Buffer,
  remote: string,
  report: (line: string) => void,
): Promise<void> {
  const made = await ssh.run(script(`umask 077 && mkdir -p ${DIRECTORY} && chmod 700 ${DIRECTORY}`));
  if (made.code !== 0)
    throw new UserError(
      `~/${DIRECTORY} cannot be created on ${ssh.target}; check that the home directory can be written.`,
      made.stderr,
    );
  let sftp: SFTPWrapper | undefined;
  try {
    sftp = await ssh.sftp();
    await new Promise<void>((resolve, reject) =>
      sftp?.writeFile(remote, data, { mode: 0o700 }, (error) => (error ? reject(error) : resolve())),
    );
  } catch (error) {
    report(`no SFTP on this host (${String(error)}); sending the helper through a command instead`);
    const sent = await ssh.run(script(`umask 077 && cat > ${remote}`), data);
    if (sent.code !== 0)
      throw new UserError(
        `The helper could not be sent to ${ssh.target}; check that its disk has room.`,
        sent.stderr,
      );
  } finally {
    sftp?.end();
  }
}
