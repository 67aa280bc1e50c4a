import assert from 'node:assert/strict';
import { isPasswordPrompt, SecretKeeper, type SecretAnswer, type SecretQuestion } from './secrets';

class Store {
  readonly values = new Map<string, string>();
  get = (key: string): Promise<string | undefined> => Promise.resolve(this.values.get(key));
  store = (key: string, value: string): Promise<void> => Promise.resolve(void this.values.set(key, value));
  delete = (key: string): Promise<void> => Promise.resolve(void this.values.delete(key));
}

const question = (attempt: number, keepable = true): SecretQuestion => ({
  title: 't',
  prompt: 'Password',
  echo: false,
  keepable,
  attempt,
});

function keeper(
  store: Store,
  ...answers: (SecretAnswer | undefined)[]
): { keeper: SecretKeeper; asked: () => number } {
  let asked = 0;
  return { keeper: new SecretKeeper(store, () => Promise.resolve(answers[asked++])), asked: () => asked };
}

describe('kept secrets', () => {
  it('are asked once and then known in this window, but not on disk', async () => {
    const store = new Store();
    const { keeper: secrets, asked } = keeper(store, { value: 'x', remember: false });
    assert.equal(await secrets.answer('k', question(1)), 'x');
    assert.equal(await secrets.answer('k', question(1)), 'x');
    assert.equal(asked(), 1);
    assert.equal(store.values.size, 0);
  });

  it('are known in the next window when the person asked for that', async () => {
    const store = new Store();
    await keeper(store, { value: 'x', remember: true }).keeper.answer('k', question(1));
    const next = keeper(store);
    assert.equal(await next.keeper.answer('k', question(1)), 'x');
    assert.equal(next.asked(), 0);
  });

  it('are asked again when they were not right, and the wrong one is forgotten', async () => {
    const store = new Store();
    await keeper(store, { value: 'old', remember: true }).keeper.answer('k', question(1));
    const { keeper: secrets } = keeper(store, { value: 'new', remember: false });
    assert.equal(await secrets.answer('k', question(1)), 'old');
    assert.equal(await secrets.answer('k', question(2)), 'new');
    assert.equal(await store.get('k'), undefined);
  });

  it('are never one-time codes', async () => {
    const { keeper: secrets, asked } = keeper(
      new Store(),
      { value: '1', remember: true },
      { value: '2', remember: true },
    );
    assert.equal(await secrets.answer('k', question(1, false)), '1');
    assert.equal(await secrets.answer('k', question(1, false)), '2');
    assert.equal(asked(), 2);
    assert.ok(isPasswordPrompt('root@host password: ', false));
    assert.ok(!isPasswordPrompt('Verification code: ', false));
    assert.ok(!isPasswordPrompt('Password: ', true));
  });

  it('can all be forgotten', async () => {
    const store = new Store();
    const { keeper: secrets, asked } = keeper(
      store,
      { value: 'x', remember: true },
      { value: 'y', remember: false },
      undefined,
    );
    await secrets.answer('a', question(1));
    await secrets.answer('b', question(1));
    assert.equal(await secrets.forgetAll(), 2);
    assert.equal(store.values.size, 0);
    assert.equal(await secrets.answer('a', question(1)), undefined);
    assert.equal(asked(), 3);
  });

  it('show no dialog when nobody may be looking', async () => {
    const { keeper: secrets, asked } = keeper(new Store(), { value: 'x', remember: false });
    await assert.rejects(secrets.answer('k', question(1), true), /only you can answer/);
    await secrets.answer('k', question(1));
    assert.equal(await secrets.answer('k', question(1), true), 'x');
    assert.equal(asked(), 1);
  });
});
