/** Starting the helper as the login user or through sudo, and knowing when it has its input for itself. */
import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import { neutralise } from '../../protocol/remoteText';
import { HelperChannel } from './helperChannel';
import type { DeliveredHelper } from './helperDelivery';
import { start, SYSTEM_HELPER } from './helperPlace';
import type { Prompts } from '../ssh/prompts';
import type { SshConnection } from '../ssh/sshConnection';
import { CancelledError } from '../base/cancelled';
import { UserError } from '../base/userError';

/** How the helper came to its rights. `user`: none but the login's own. */
export type Privilege = 'root' | 'user' | 'sudo' | 'sudo-password';

/** `auto`: sudo where it asks for nothing; `never`; `ask`: sudo also when it wants a password. */
export type SudoChoice = 'auto' | 'never' | 'ask';

/** What a start prints that is not the helper's own: a banner of the shell's start files, sudo's prompt. */
const PREAMBLE_LIMIT = 64 * 1024;
const START_SECONDS = 30;
const PASSWORD_TRIES = 3;

/** Which privilege a start will have, from what the host said of itself. */
export function choosePrivilege(helper: DeliveredHelper, sudo: SudoChoice): Privilege {
  if (helper.probe.uid === 0) return 'root';
  if (sudo === 'never') return 'user';
  if (helper.system ? helper.probe.sudoSystem : helper.probe.sudoAnything) return 'sudo';
  return sudo === 'ask' ? 'sudo-password' : 'user';
}

/**
 * Starts the helper.
 *
 * @throws UserError with one sentence about why it does not run
 */
export async function startHelper(
  ssh: SshConnection,
  helper: DeliveredHelper,
  privilege: Privilege,
  prompts: Prompts,
  report: (line: string) => void,
): Promise<HelperChannel> {
  // A marker that nobody can guess, so that no other output is taken for the question.
  const marker = `ism-sudo-${randomBytes(12).toString('hex')}`;
  const command = `${helper.path} --announce`;
  const line = {
    root: command,
    user: command,
    sudo: `sudo -n -- ${command}`,
    'sudo-password': `sudo -S -p ${marker} -- ${command}`,
  }[privilege];
  report(`starting the helper: ${line.replace(marker, 'MARKER')}`);
  const [channel, rest] = await ssh.exec(
    start(line),
    async (opened) => [opened, await untilReady(opened, marker, ssh, prompts)] as const,
  );
  channel.stderr.on('data', (data: Buffer) => report(`helper: ${neutralise(data.toString('utf8').trim())}`));
  return new HelperChannel(channel, report, rest);
}

/** Waits for the helper's first line, answering sudo's question on the way; returns what came after that line. */
function untilReady(
  channel: ClientChannel,
  marker: string,
  { target, place, signal }: SshConnection,
  prompts: Prompts,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    let asked = 0;
    let exit: number | null = null;
    let timer = setTimeout(late, START_SECONDS * 1000);
    function late(): void {
      fail(
        new UserError(
          `The helper on ${target} did not start within ${START_SECONDS} s; connect again.`,
          errors,
        ),
      );
    }
    const cancel = (): void => fail(new CancelledError());
    if (signal?.aborted) setImmediate(cancel);
    else signal?.addEventListener('abort', cancel, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      channel.pause(); // what comes before the next listener must wait for it
      channel.removeAllListeners('data').removeAllListeners('close').removeAllListeners('exit');
      channel.stderr.removeAllListeners('data');
    };
    const fail = (error: Error): void => {
      done();
      channel.on('data', () => undefined).stderr.resume();
      channel.close();
      reject(error);
    };
    channel.on('data', (data: Buffer) => {
      out += data.toString('utf8');
      const ready = /^\{"event":"ready"\}\r?\n/m.exec(out);
      if (ready) {
        done();
        resolve(out.slice(ready.index + ready[0].length));
      } else if (out.length > PREAMBLE_LIMIT)
        fail(
          new UserError(
            `${target} printed too much before the helper started; check its shell's start files.`,
          ),
        );
    });
    channel.stderr.on('data', (data: Buffer) => {
      errors = (errors + data.toString('utf8')).slice(-PREAMBLE_LIMIT);
      if (errors.split(marker).length - 1 <= asked) return;
      asked++;
      clearTimeout(timer); // a person may take their time
      const request = {
        kind: 'sudo',
        place,
        prompt: 'sudo password',
        echo: false,
        attempt: asked,
      } as const;
      prompts.secret(request).then(
        (password) => {
          if (password === undefined || asked > PASSWORD_TRIES)
            fail(new UserError(`Without the sudo password the helper cannot be root on ${target}.`));
          else {
            timer = setTimeout(late, START_SECONDS * 1000);
            channel.write(`${password}\n`);
          }
        },
        (error: Error) => fail(error),
      );
    });
    channel.on('exit', (code: number | null) => (exit = code));
    channel.on('close', () => fail(explain(exit, errors.replaceAll(marker, ''), out, target)));
  });
}

/** Why a helper ended before its first line. Shells end with 126 for "cannot be run" and 127 for "not found". */
function explain(exit: number | null, errors: string, out: string, target: string): UserError {
  const detail = `exit code ${exit}\n${errors}\n${out}`;
  const say = (text: string): UserError => new UserError(text, detail);
  if (/incorrect password|Sorry, try again|a password is required|no password was provided/i.test(errors))
    return say(`sudo did not accept the password on ${target}; connect again to try once more.`);
  if (/not in the sudoers|not allowed to (execute|run)/i.test(errors))
    return say(
      `sudo does not let this user run the helper on ${target}; ask its administrator for the rule in the README.`,
    );
  if (/must have a tty/i.test(errors))
    return say(
      `sudo on ${target} insists on a terminal (requiretty); its administrator can lift that for the helper.`,
    );
  if (/sudo: (not found|command not found)/i.test(errors) || (exit === 127 && /sudo/.test(errors)))
    return say(`There is no sudo on ${target}; connect as root or have the vfio files opened for this user.`);
  if (/exec format error/i.test(errors))
    return say(`${target} cannot run the helper: it is built for s390x with 64 bits.`);
  if (/operation not permitted/i.test(errors))
    return say(
      `${target} runs approved programs only (fapolicyd or a similar policy); ask its administrator to install the helper in ${SYSTEM_HELPER} and to approve it.`,
    );
  if (exit === 126 || /permission denied/i.test(errors))
    return say(
      `${target} does not let programs run from the home directory (noexec); have the helper installed in /usr/local/libexec as the README says.`,
    );
  return say(`The helper did not start on ${target}; the output channel has what it said.`);
}
