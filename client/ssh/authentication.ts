/** The order of authentication: agent, keys (with passphrase), keyboard-interactive, password. */
import { readFile } from 'node:fs/promises';
import { utils, type AnyAuthMethod, type AuthenticationType } from 'ssh2';
import { ChosenKeysAgent, publicBlob } from './chosenKeysAgent';
import { RemoteText, wordsOf } from '../../protocol/remoteText';
import type { LoginPlace, Prompts } from './prompts';
import { isPlainPassword } from './secrets';
import type { ResolvedHost } from './sshConfig';

/** How often a passphrase or a password may be tried before the connection ends. */
const TRIES = 3;

/**
 * Yields the methods to try one after the other. Secrets stay in this generator's memory and end with it.
 *
 * @param report one line for the output channel about each method, without secrets
 */
export async function* authMethods(
  host: ResolvedHost,
  place: LoginPlace,
  prompts: Prompts,
  report: (line: string) => void,
  allowed: () => readonly AuthenticationType[] | null,
): AsyncGenerator<AnyAuthMethod, void, void> {
  const username = host.user;
  const may = (method: AuthenticationType): boolean => allowed()?.includes(method) ?? true;
  yield { type: 'none', username };
  const agent = agentSocket(host);
  if (agent && may('publickey')) {
    report(`trying the agent at ${agent}`);
    const wanted = host.identitiesOnly ? await namedKeys(host.identityFiles) : undefined;
    yield { type: 'agent', username, agent: new ChosenKeysAgent(agent, wanted, report) };
  }
  for (const file of host.identityFiles) {
    if (!may('publickey')) break;
    const key = await loadKey(file, place, prompts, report);
    if (!key) continue;
    report(`trying the key ${file}`);
    yield { type: 'publickey', username, ...key };
  }
  for (let attempt = 0; attempt < TRIES && may('keyboard-interactive'); attempt++) {
    let gaveUp = false;
    let rounds = 0;
    report('trying keyboard-interactive');
    yield {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, questions, finish) => {
        // What is asked after the password, be it with the same words, is another secret: RADIUS asks for a code so.
        const kind = rounds++ === 0 && isPlainPassword(questions) ? 'login' : 'other';
        void (async () => {
          const answers: string[] = [];
          for (const question of questions) {
            const answer = await prompts.secret({
              ...{ kind, place, prompt: new RemoteText(question.prompt) },
              ...{ echo: question.echo ?? false, attempt: attempt + 1 },
            });
            gaveUp ||= answer === undefined;
            answers.push(answer ?? '');
          }
          finish(answers);
        })().catch((error: unknown) => {
          gaveUp = true;
          report(`keyboard-interactive ended: ${wordsOf(error).toString()}`);
          finish(questions.map(() => ''));
        });
      },
    };
    if (gaveUp) return;
  }
  for (let attempt = 0; attempt < TRIES && may('password'); attempt++) {
    const request = { kind: 'login', place, prompt: 'Password', echo: false, attempt: attempt + 1 } as const;
    const password = await prompts.secret(request);
    if (password === undefined) return;
    report('trying a password');
    yield { type: 'password', username, password };
  }
}

/** The public keys of the files that the configuration names: from `FILE.pub`, or FILE itself when it is not locked. */
async function namedKeys(files: readonly string[]): Promise<Buffer[]> {
  const blobs: Buffer[] = [];
  for (const file of files)
    for (const place of [`${file}.pub`, file]) {
      const blob = publicBlob(await readFile(place, 'utf8').catch(() => ''));
      if (blob) blobs.push(blob);
    }
  return blobs;
}

function agentSocket(host: ResolvedHost): string | undefined {
  if (host.identityAgent === 'none') return undefined;
  return host.identityAgent ?? process.env['SSH_AUTH_SOCK'];
}

/** Reads a private key, asking for its passphrase when it has one; undefined when there is nothing to use. */
async function loadKey(
  file: string,
  place: LoginPlace,
  prompts: Prompts,
  report: (line: string) => void,
): Promise<{ key: Buffer; passphrase?: string } | undefined> {
  let key: Buffer;
  try {
    key = await readFile(file);
  } catch (error) {
    // ssh_config's defaults name files that most people do not have.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      report(`${file} cannot be read: ${String(error)}`);
    return undefined;
  }
  let parsed = utils.parseKey(key);
  if (!(parsed instanceof Error)) return { key };
  if (!/passphrase|encrypted/i.test(parsed.message)) {
    report(`${file} is not a private key that can be used: ${parsed.message}`);
    return undefined;
  }
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const passphrase = await prompts.passphrase(file, place, attempt);
    if (passphrase === undefined) return undefined;
    parsed = utils.parseKey(key, passphrase);
    if (!(parsed instanceof Error)) return { key, passphrase };
    report(`the passphrase for ${file} was not right`);
  }
  return undefined;
}
