/** Errors that cross from one bundle of the client to another: the classes stand in dist/client/common.js once. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type * as Common from '../common';

interface Remote {
  openSession(options: object): Promise<unknown>;
}

describe('errors of the bundle remote.js', () => {
  const remote = async (): Promise<Remote> => {
    const loaded: unknown = await import(path.resolve('dist/client/remote.js'));
    return loaded as Remote;
  };
  const failure = async (destination: string): Promise<unknown> =>
    (await remote())
      .openSession({
        destination,
        helperFile: '',
        prompts: {},
        trust: { get: () => ({}) },
        report: () => undefined,
      })
      .then(
        () => assert.fail('it connected'),
        (error: unknown) => error,
      );

  it('are known in the others for what they are', async () => {
    const loaded: unknown = await import(path.resolve('dist/client/common.js'));
    const { UnreachableError, UserError } = loaded as typeof Common;
    const wrong = await failure('-oProxyCommand=true');
    assert.ok(wrong instanceof UserError);
    assert.ok(!(wrong instanceof UnreachableError));
    // Port 9 of this machine: nothing listens there.
    const away = await failure('nobody@127.0.0.1:9');
    assert.ok(away instanceof UnreachableError, String(away));
    assert.ok(away instanceof UserError);
  });
});
