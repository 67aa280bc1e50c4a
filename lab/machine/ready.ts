import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Client } from 'ssh2';
import { SetupError } from '../../setup/setupError';
import { hasEnded } from './child';
import type { Machine } from './machine';
import type { GuestState, LabState } from './state';

/** Waits until one can log in to the guest, which proves its host key and ours.
 * @param limit seconds
 * @throws SetupError when the guest does not come up
 */
export async function waitForSsh(machine: Machine, state: LabState, limit: number): Promise<void> {
  const { guest } = machine;
  const end = Date.now() + limit * 1000;
  let last = 'the guest did not answer';
  while (Date.now() < end) {
    if (hasEnded(machine.process))
      throw new SetupError(
        `The guest ended while it was starting (console: ${guest.consoleLog}, QEMU: ${guest.qemuLog}).`,
      );
    // QEMU accepts connections before the guest is up, so the banner is what counts.
    if (await greets(machine.port)) {
      const problem = await login(machine.port, guest, state.identityFile);
      if (!problem) return;
      last = problem;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new SetupError(
    `The guest was not reachable by ssh within ${limit} s: ${last} (console: ${guest.consoleLog}).`,
  );
}

/** Whether an ssh server says hello within a second. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (result: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish(false), 1000);
    socket.once('data', (bytes) => finish(bytes.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}

/** Logs in with the lab's key and leaves; says what went wrong, or nothing. */
function login(port: number, guest: GuestState, identityFile: string): Promise<string | undefined> {
  const expected = guest.hostKey.split(' ')[1] ?? '';
  return new Promise((resolve) => {
    const client = new Client();
    const finish = (problem?: string): void => {
      client.end();
      resolve(problem);
    };
    client.once('ready', () => finish());
    client.on('error', (error) => finish(error.message));
    client.once('close', () => finish('the connection was closed'));
    client.connect({
      host: '127.0.0.1',
      port,
      username: 'root',
      privateKey: readFileSync(identityFile),
      hostVerifier: (key: Buffer) => key.toString('base64') === expected,
      readyTimeout: 20_000,
    });
  });
}
