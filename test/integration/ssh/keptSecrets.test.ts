/** Passwords that were kept go where they were given: against servers that ask for those of others. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server, type AuthContext } from 'ssh2';
import type { Prompts } from '../../../client/ssh/prompts';
import { connectRoute } from '../../../client/ssh/route';
import { LoginSecrets, SecretKeeper, secretPrompts } from '../../../client/ssh/secrets';
import { TrustStore } from '../../../client/ssh/trustStore';
import { answering, memento } from '../../support/person';
import { readablePair } from '../../support/openSsh';

describe('kept passwords on connections', () => {
  let folder: string;
  const closers: (() => void)[] = [];
  const keyPair = readablePair();
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'ism-secrets-'))));
  afterEach(() => closers.splice(0).forEach((close) => close()));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function server(authenticate: (auth: AuthContext) => void): Promise<number> {
    const made = new Server({ hostKeys: [keyPair.private] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', authenticate);
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    closers.push(() => made.close());
    return (made.address() as net.AddressInfo).port;
  }

  /** One window: a person who gives these answers, and who has every answer kept. */
  function window_(...answers: (string | undefined)[]) {
    const asked: string[] = [];
    const values = new Map<string, string>();
    const store = {
      get: (key: string) => Promise.resolve(values.get(key)),
      store: (key: string, value: string) => Promise.resolve(void values.set(key, value)),
      delete: (key: string) => Promise.resolve(void values.delete(key)),
    };
    const keeper = new SecretKeeper(store, ({ title, prompt }) => {
      asked.push(`${title}: ${prompt}`);
      const value = answers[asked.length - 1];
      return Promise.resolve(value === undefined ? undefined : { value, remember: true });
    });
    const prompts = (): Prompts => ({
      ...answering(),
      acceptHostKey: () => Promise.resolve(true),
      ...secretPrompts(new LoginSecrets(keeper, false)),
    });
    const trust = new TrustStore(memento());
    const login = async (port: number): Promise<string> => {
      const file = path.join(folder, `config-${port}`);
      const nothing =
        'UserKnownHostsFile none\n GlobalKnownHostsFile none\n IdentityFile none\n IdentityAgent none';
      writeFileSync(
        file,
        `Host h\n HostName 127.0.0.1\n Port ${port}\n User u\n ${nothing}\n ConnectTimeout 5\n`,
      );
      const route = { sshConfigFile: file, prompts: prompts(), trust, report: () => undefined };
      return connectRoute({ host: 'h' }, route).then(
        (connection) => {
          connection.end();
          return 'in';
        },
        (error: Error) => error.message,
      );
    };
    return { asked, login, keeper };
  }

  const byPassword = (right: string, got: string[]) => (auth: AuthContext) => {
    if (auth.method !== 'password') return auth.reject(['password']);
    got.push(auth.password);
    return auth.password === right ? auth.accept() : auth.reject(['password']);
  };

  it('serve the same host again, and no server at another port', async () => {
    const first: string[] = [];
    const other: string[] = [];
    const here = await server(byPassword('a', first));
    const there = await server(byPassword('b', other));
    const { asked, login } = window_('a', undefined);
    assert.equal(await login(here), 'in');
    assert.equal(await login(here), 'in');
    assert.deepEqual(first, ['a', 'a']);
    await login(there);
    assert.deepEqual(other, []);
    assert.deepEqual(asked, [
      `Connect u@127.0.0.1:${here}: Password`,
      `Connect u@127.0.0.1:${there}: Password`,
    ]);
  });

  it('for sudo go to no server that asks for a "sudo password"', async () => {
    const got: string[][] = [];
    const port = await server((auth) => {
      if (auth.method !== 'keyboard-interactive') return auth.reject(['keyboard-interactive']);
      return auth.prompt([{ prompt: 'sudo password', echo: false }], (answers) => {
        got.push(answers);
        auth.reject(['keyboard-interactive']);
      });
    });
    const { login, keeper, asked } = window_('sudo-secret', undefined);
    const place = { user: 'u', hostName: '127.0.0.1', port, route: [] };
    const sudo = { kind: 'sudo', place, prompt: 'sudo password', echo: false, attempt: 1 } as const;
    assert.equal(await secretPrompts(new LoginSecrets(keeper, false)).secret(sudo), 'sudo-secret');
    await login(port);
    assert.deepEqual(got, [['']]);
    assert.equal(asked.length, 2);
  });

  it('answer the first of two prompts of one login, and the code is asked each time', async () => {
    const got: string[] = [];
    const port = await server((auth) => {
      if (auth.method !== 'keyboard-interactive') return auth.reject(['keyboard-interactive']);
      const question = [{ prompt: 'Password: ', echo: false }];
      return auth.prompt(question, (first) =>
        auth.prompt(question, (second) => {
          got.push(`${first[0]} ${second[0]}`);
          auth.accept();
        }),
      );
    });
    const { login, asked } = window_('pw', '111111', '222222');
    assert.equal(await login(port), 'in');
    assert.equal(await login(port), 'in');
    assert.deepEqual(got, ['pw 111111', 'pw 222222']);
    assert.equal(asked.length, 3);
  });
});
