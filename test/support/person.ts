/** Stands in for the person and the memory that a connection asks, in tests of sessions. */
import { targetOf, type Prompts } from '../../client/ssh/prompts';
import { openSession, type RemoteOptions, type RemoteSession } from '../../client/helper/remote';
import type { KeyValueStore } from '../../client/ssh/trustStore';

/** Agrees to the helper's upload, answers secrets in order, accepts no host key; notes what was asked. */
export function answering(secrets: readonly (string | undefined)[] = []): Prompts & { asked: string[] } {
  const asked: string[] = [];
  let next = 0;
  return {
    asked,
    acceptHostKey: () => Promise.resolve(false),
    passphrase: () => Promise.resolve(undefined),
    secret: ({ prompt, place, attempt }) => {
      asked.push(`${prompt.toString()} ${targetOf(place)} ${attempt}`);
      return Promise.resolve(secrets[next++]);
    },
    uploadHelper: () => {
      asked.push('upload');
      return Promise.resolve(true);
    },
  };
}

/** Remembers nothing. */
export const noMemory: KeyValueStore = {
  get: <T>(_key: string, fallback: T) => fallback,
  update: () => Promise.resolve(),
};

/** Remembers as VS Code's Memento does, as long as the test runs. */
export function memento(): KeyValueStore {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string, fallback: T) => (values.get(key) as T | undefined) ?? fallback,
    update: (key, value) => Promise.resolve(void values.set(key, value)),
  };
}

/** Sessions of one test file, so that all of them can be ended. */
export class Sessions {
  private readonly all: RemoteSession[] = [];

  async open(
    options: Partial<RemoteOptions> & Pick<RemoteOptions, 'destination' | 'helperFile'>,
  ): Promise<RemoteSession> {
    const defaults = { prompts: answering(), trust: noMemory, report: () => undefined };
    const session = await openSession({ ...defaults, ...options });
    this.all.push(session);
    return session;
  }

  end(): void {
    this.all.splice(0).forEach((session) => session.dispose());
  }
}
