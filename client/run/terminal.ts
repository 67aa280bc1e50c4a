/** What a connection asks, answered from the terminal if there is one; without one nothing is asked and nothing trusted. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { addressOf, type Prompts } from '../ssh/prompts';
import type { KeyValueStore } from '../ssh/trustStore';
import { UserError } from '../base/userError';
import { writeError } from '../sinks/terminal';

/** @param say writes a line for the person */
export function terminalPrompts(say: (line: string) => void): Prompts {
  const secret = (question: string, echo = false): Promise<string | undefined> =>
    process.stdin.isTTY ? ask(question, echo) : Promise.resolve(undefined);
  return {
    acceptHostKey: ({ host, port, keyType, fingerprint }) =>
      Promise.reject(
        new UserError(
          `The host key of ${host}, port ${port}, is not known (${keyType} ${fingerprint}); compare it with what the administrator says and add it to known_hosts, for example by connecting once with ssh.`,
        ),
      ),
    passphrase: (file, place) => secret(`Passphrase for ${file} (${addressOf(place)}): `),
    secret: ({ prompt, place, echo }) => secret(`${prompt.toString()} (${addressOf(place)}) `, echo),
    uploadHelper: (target, directory, bytes) => {
      say(`installing the helper (${Math.ceil(bytes / 1024)} KB) in ${directory} of ${target}`);
      return Promise.resolve(true);
    },
  };
}

/** Nothing is remembered, and a key that ssh_config would accept unseen is refused, since it would be every time. */
export const noTrust: KeyValueStore = {
  get: <T>(_key: string, fallback: T) => fallback,
  update: () =>
    Promise.reject(
      new UserError(
        'The host key is not known, and ism-run accepts none by itself; connect once with ssh, so that it is in known_hosts.',
      ),
    ),
};

async function ask(question: string, echo: boolean): Promise<string | undefined> {
  writeError(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silent,
    terminal: true,
  });
  try {
    return await lines.question('');
  } catch {
    return undefined;
  } finally {
    lines.close();
    writeError('\n');
  }
}
