/** Attempts that end late, in whatever order the network lets them. */
import assert from 'node:assert/strict';
import { Host } from './host';
import type { RemoteSession } from '../helper/remote';
import { CancelledError } from '../base/cancelled';

interface Attempt {
  readonly signal: AbortSignal;
  readonly resolve: (session: RemoteSession) => void;
  readonly reject: (error: Error) => void;
}

/** A session whose helper lists nothing. */
function session(name: string, ended: string[]): RemoteSession {
  const channel = {
    closed: new Promise<Error>(() => undefined),
    alive: true,
    onEvent: () => undefined,
    request: (op: string) => Promise.resolve(op === 'list' ? { functions: [] } : {}),
    dispose: () => undefined,
  };
  return {
    ...{ hello: {}, target: name, privilege: 'root', loopback: true, channel },
    dispose: () => void ended.push(name),
  } as unknown as RemoteSession;
}

describe('a host', () => {
  let attempts: Attempt[];
  let ended: string[];
  let host: Host;
  beforeEach(() => {
    attempts = [];
    ended = [];
    const open = (signal: AbortSignal): Promise<RemoteSession> =>
      new Promise((resolve, reject) => attempts.push({ signal, resolve, reject }));
    host = new Host({ name: 'lpar1', destination: 'x' }, open);
  });
  afterEach(() => host.dispose());
  const target = (): string | undefined => (host.state.kind === 'connected' ? host.state.target : undefined);

  it('that is connected stays so when an earlier attempt fails late', async () => {
    const first = host.connect().catch((error: unknown) => error);
    host.disconnect();
    assert.ok(attempts[0]?.signal.aborted);
    const second = host.connect();
    attempts[1]?.resolve(session('second', ended));
    await second;
    attempts[0]?.reject(new Error('closed'));
    assert.ok((await first) instanceof CancelledError);
    assert.equal(target(), 'second');
    assert.deepEqual((await host.request('list', {})).functions, []);
  });

  it('that is connected ends the session of an earlier attempt that succeeds late', async () => {
    const first = host.connect().catch((error: unknown) => error);
    host.disconnect();
    const second = host.connect();
    attempts[1]?.resolve(session('second', ended));
    await second;
    attempts[0]?.resolve(session('first', ended));
    assert.ok((await first) instanceof CancelledError);
    assert.equal(target(), 'second');
    assert.deepEqual(ended, ['first']);
  });

  it('that was disconnected while it connected stays disconnected, and nothing stays open', async () => {
    const first = host.connect().catch((error: unknown) => error);
    host.disconnect();
    attempts[0]?.resolve(session('first', ended));
    assert.ok((await first) instanceof CancelledError);
    assert.equal(host.state.kind, 'disconnected');
    assert.deepEqual(ended, ['first']);
  });

  it('that fails says why', async () => {
    const first = host.connect().catch((error: unknown) => error);
    attempts[0]?.reject(new Error('no route'));
    await first;
    assert.deepEqual(host.state, { kind: 'failed', why: 'no route' });
  });
});
