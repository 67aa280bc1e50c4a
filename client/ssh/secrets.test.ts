import assert from 'node:assert/strict';
import type { LoginPlace } from './prompts';
import {
  isPlainPassword,
  LoginSecrets,
  passphraseKey,
  passwordKey,
  SecretKeeper,
  type SecretAnswer,
  type SecretQuestion,
} from './secrets';

class Store {
  readonly values = new Map<string, string>();
  get = (key: string): Promise<string | undefined> => Promise.resolve(this.values.get(key));
  store = (key: string, value: string): Promise<void> => Promise.resolve(void this.values.set(key, value));
  delete = (key: string): Promise<void> => Promise.resolve(void this.values.delete(key));
}

const place: LoginPlace = { user: 'zdev', hostName: 'z16', port: 22, route: [] };

const question = (
  attempt: number,
  key: string | undefined = passwordKey('login', place),
): SecretQuestion => ({
  title: 't',
  prompt: 'Password',
  echo: false,
  key,
  attempt,
});

function keeper(
  store: Store,
  ...answers: (SecretAnswer | undefined)[]
): {
  keeper: SecretKeeper;
  asked: () => number;
  /** The first answer of a login of its own. */
  answer: (question: SecretQuestion, quiet?: boolean) => Promise<string | undefined>;
} {
  let asked = 0;
  const made = new SecretKeeper(store, () => Promise.resolve(answers[asked++]));
  return {
    keeper: made,
    asked: () => asked,
    answer: (what, quiet = false) => new LoginSecrets(made, quiet).answer(what),
  };
}

describe('kept secrets', () => {
  it('are asked once and then known in this window, but not on disk', async () => {
    const store = new Store();
    const { answer, asked } = keeper(store, { value: 'x', remember: false });
    assert.equal(await answer(question(1)), 'x');
    assert.equal(await answer(question(1)), 'x');
    assert.equal(asked(), 1);
    assert.equal(store.values.size, 0);
  });

  it('are known in the next window when the person asked for that', async () => {
    const store = new Store();
    await keeper(store, { value: 'x', remember: true }).answer(question(1));
    const next = keeper(store);
    assert.equal(await next.answer(question(1)), 'x');
    assert.equal(next.asked(), 0);
  });

  it('are asked again when they were not right, and the wrong one is forgotten', async () => {
    const store = new Store();
    await keeper(store, { value: 'old', remember: true }).answer(question(1));
    const { answer } = keeper(store, { value: 'new', remember: false });
    assert.equal(await answer(question(1)), 'old');
    assert.equal(await answer(question(2)), 'new');
    assert.equal(await store.get(passwordKey('login', place)), undefined);
  });

  it('are never one-time codes', async () => {
    const { answer, asked } = keeper(
      new Store(),
      { value: '1', remember: true },
      { value: '2', remember: true },
    );
    assert.equal(await answer({ ...question(1), key: undefined }), '1');
    assert.equal(await answer({ ...question(1), key: undefined }), '2');
    assert.equal(asked(), 2);
    assert.ok(isPlainPassword([{ prompt: 'root@host password: ', echo: false }]));
    assert.ok(!isPlainPassword([{ prompt: 'Verification code: ', echo: false }]));
    assert.ok(!isPlainPassword([{ prompt: 'Password: ', echo: true }]));
  });

  it('can all be forgotten', async () => {
    const store = new Store();
    const {
      keeper: secrets,
      answer,
      asked,
    } = keeper(store, { value: 'x', remember: true }, { value: 'y', remember: false }, undefined);
    await answer(question(1, passphraseKey('/a')));
    await answer(question(1, passphraseKey('/b')));
    assert.equal(await secrets.forgetAll(), 2);
    assert.equal(store.values.size, 0);
    assert.equal(await answer(question(1, passphraseKey('/a'))), undefined);
    assert.equal(asked(), 3);
  });

  it('show no dialog when nobody may be looking', async () => {
    const { answer, asked } = keeper(new Store(), { value: 'x', remember: false });
    await assert.rejects(answer(question(1), true), /only you can answer/);
    await answer(question(1));
    assert.equal(await answer(question(1), true), 'x');
    assert.equal(asked(), 1);
  });

  const places: [string, LoginPlace][] = [
    ['another port', { ...place, port: 2222 }],
    ['another host', { ...place, hostName: 'z17' }],
    ['another user', { ...place, user: 'root' }],
    ['a way through a jump host', { ...place, route: ['me@gate:22'] }],
    ['names that run together', { ...place, user: 'zdev@z1', hostName: '6' }],
  ];
  for (const [name, other] of places)
    it(`do not go to ${name}`, async () => {
      const store = new Store();
      const { answer, asked } = keeper(store, { value: 'x', remember: true }, { value: 'y', remember: true });
      assert.equal(await answer(question(1)), 'x');
      assert.equal(await answer(question(1, passwordKey('login', other))), 'y');
      assert.equal(await answer(question(1)), 'x');
      assert.equal(asked(), 2);
      assert.notEqual(passwordKey('login', place), passwordKey('sudo', place));
    });

  it('answer one prompt of a login, and the next one is asked', async () => {
    const store = new Store();
    await keeper(store, { value: 'x', remember: true }).answer(question(1));
    const asked: string[] = [];
    const again = new SecretKeeper(store, ({ prompt }) => {
      asked.push(prompt);
      return Promise.resolve({ value: 'code', remember: false });
    });
    const login = new LoginSecrets(again, false);
    assert.equal(await login.answer(question(1)), 'x');
    assert.equal(await login.answer(question(1)), 'code');
    assert.deepEqual(asked, ['Password']);
  });

  it('of older versions, which had no port in their names, are removed unread', async () => {
    const store = new Store();
    store.values.set('secret:zdev@z16:Password', 'old');
    store.values.set('ism.secrets', JSON.stringify(['secret:zdev@z16:Password']));
    const { answer, asked } = keeper(store, { value: 'x', remember: false });
    assert.equal(await answer(question(1)), 'x');
    assert.equal(asked(), 1);
    assert.deepEqual([...store.values], [['ism.secrets', '[]']]);
  });

  for (const prompt of [
    'Password: ',
    'password:',
    "zdev@z16's password: ",
    '(zdev@z16) Password: ',
    'Password for zdev@z16:',
  ])
    it(`take '${prompt}' for the password`, () => assert.ok(isPlainPassword([{ prompt, echo: false }])));
  for (const prompt of [
    'sudo password',
    '[sudo] password for zdev: ',
    'New password: ',
    'Password (current): ',
    'Password + token: ',
    'One-time password: ',
    'Enter your password for payroll: ',
    'Password: \u202e',
    'x'.repeat(100_000),
  ])
    it(`do not take '${prompt.slice(0, 40)}' for the password`, () =>
      assert.ok(!isPlainPassword([{ prompt, echo: false }])));
  it('take no second prompt of a round for the password', () =>
    assert.ok(!isPlainPassword([{ prompt: 'Password: ' }, { prompt: 'Password: ' }])));
});
