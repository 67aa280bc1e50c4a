/**
 * Passwords and passphrases that were answered once: in memory until they are forgotten, in VS Code's SecretStorage when
 * the person asked for that. Never in settings, logs, journals or command lines.
 *
 * A kept secret goes where it was given and nowhere else: the same kind, user, host, port and route, and for a passphrase the
 * same key file. It answers one prompt of a login; a second prompt of the same login is asked.
 */
import { RemoteText } from '../../protocol/remoteText';
import { addressOf, type LoginPlace, type Prompts, type SecretRequest } from './prompts';
import { UserError } from '../base/userError';

/** VS Code's SecretStorage, or anything like it. */
export interface SecretStore {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

/** A person's answer, and whether it may be kept beyond this window. */
export interface SecretAnswer {
  readonly value: string;
  readonly remember: boolean;
}

export interface SecretQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly echo: boolean;
  /** Under which the answer is kept; undefined for what is never kept, a one-time code say. */
  readonly key: string | undefined;
  readonly attempt: number;
}

/** Names of what is in the store, kept with it so that all of it can be forgotten. */
const INDEX = 'ism.secrets';

/** Keys of today are JSON lists. Older versions kept answers without port and route: those are removed unread. */
const isKey = (key: string): boolean => key.startsWith('["');

/** The key of a login's or sudo's password. */
export const passwordKey = (kind: 'login' | 'sudo', { user, hostName, port, route }: LoginPlace): string =>
  JSON.stringify([kind, user, hostName, String(port), ...route]);

/** The key of the passphrase of a key file. @param file an absolute path */
export const passphraseKey = (file: string): string => JSON.stringify(['passphrase', file]);

/** What an answer to this request is kept under. */
export const keyOf = ({ kind, place }: SecretRequest): string | undefined =>
  kind === 'other' ? undefined : passwordKey(kind, place);

/** One login: what it was answered from memory is not given to its next prompt. */
export class LoginSecrets {
  private readonly given = new Set<string>();

  /** @param quiet show no dialog: for a connection that comes back by itself, when nobody may be looking */
  constructor(
    private readonly keeper: SecretKeeper,
    private readonly quiet: boolean,
  ) {}

  /** @throws UserError when a person would have to be asked and must not be */
  async answer(question: SecretQuestion): Promise<string | undefined> {
    const { key } = question;
    const isFirst = key !== undefined && question.attempt === 1 && !this.given.has(key);
    if (key !== undefined) this.given.add(key);
    return this.keeper.answer(question, isFirst, this.quiet);
  }
}

/** The prompts for secrets of one login. */
export function secretPrompts(login: LoginSecrets): Pick<Prompts, 'passphrase' | 'secret'> {
  return {
    passphrase: (keyFile, place, attempt) =>
      login.answer({
        title: titleOf(place),
        prompt: `Passphrase for ${keyFile}`,
        echo: false,
        key: passphraseKey(keyFile),
        attempt,
      }),
    secret: (request) => {
      const { place, prompt, echo, attempt } = request;
      const question = { title: titleOf(place), prompt: prompt.toString(), echo, attempt };
      return login.answer({ ...question, key: keyOf(request) });
    },
  };
}

/** Names the port and the way: a tunnel's address is that of another host as well. */
function titleOf(place: LoginPlace): string {
  const address = addressOf(place);
  return place.route.length === 0
    ? `Connect ${address}`
    : `Connect ${address} through ${place.route.join(', ')}`;
}

export class SecretKeeper {
  private readonly memory = new Map<string, string>();
  private cleaned: Promise<void> | undefined;

  constructor(
    private readonly store: SecretStore,
    private readonly ask: (question: SecretQuestion) => Promise<SecretAnswer | undefined>,
  ) {}

  /**
   * Answers from what is known where that is allowed, else asks; a known answer that failed is forgotten.
   *
   * @param known whether a kept answer may serve: not for a second prompt, and not after it was wrong
   * @param quiet show no dialog
   * @throws UserError when a person would have to be asked and must not be
   */
  async answer(question: SecretQuestion, known: boolean, quiet: boolean): Promise<string | undefined> {
    const { key } = question;
    await (this.cleaned ??= this.dropOld());
    if (key !== undefined && known) {
      const kept = this.memory.get(key) ?? (await this.store.get(key));
      if (kept !== undefined) return kept;
    }
    if (quiet) throw needsPerson();
    if (key !== undefined && question.attempt > 1) await this.drop(key);
    const answer = await this.ask(question);
    if (answer && key !== undefined) {
      this.memory.set(key, answer.value);
      if (answer.remember) await this.keep(key, answer.value);
    }
    return answer?.value;
  }

  /** Forgets everything, in memory and in the store; returns how many secrets there were. */
  async forgetAll(): Promise<number> {
    const keys = new Set([...this.memory.keys(), ...(await this.index())]);
    for (const key of keys) await this.store.delete(key);
    await this.store.delete(INDEX);
    this.memory.clear();
    return keys.size;
  }

  private async dropOld(): Promise<void> {
    const index = await this.index();
    const old = index.filter((key) => !isKey(key));
    for (const key of old) await this.store.delete(key);
    if (old.length > 0) await this.store.store(INDEX, JSON.stringify(index.filter(isKey)));
  }

  private async drop(key: string): Promise<void> {
    this.memory.delete(key);
    const index = await this.index();
    if (!index.includes(key)) return;
    await this.store.delete(key);
    await this.store.store(INDEX, JSON.stringify(index.filter((other) => other !== key)));
  }

  private async keep(key: string, value: string): Promise<void> {
    await this.store.store(key, value);
    await this.store.store(INDEX, JSON.stringify([...new Set([...(await this.index()), key])]));
  }

  private async index(): Promise<string[]> {
    const text = await this.store.get(INDEX);
    try {
      const value: unknown = text === undefined ? [] : JSON.parse(text);
      return Array.isArray(value) ? value.filter((key): key is string => typeof key === 'string') : [];
    } catch {
      return [];
    }
  }
}

/** Why a connection that comes back by itself ends. */
export const needsPerson = (): UserError =>
  new UserError('The host asks something that only you can answer; connect it again.');

/** `Password:`, `zdev@z16's password:`, `Password for zdev@z16:`, as sshd, PAM and dropbear write them. */
const PASSWORD_PROMPT =
  /^(?:\(?\S{1,256}@\S{1,256}\)? )?(?:\S{1,256}'s )?password(?: for \S{1,256})?\s{0,8}:?\s{0,8}$/i;

/**
 * Whether a server asks for the plain password of the login: one hidden prompt, and nothing else in it. A code of a token, a
 * new password or a "sudo password" is something else.
 *
 * @param prompts all prompts of one round
 */
export const isPlainPassword = (
  prompts: readonly { readonly prompt: string | RemoteText; readonly echo?: boolean | undefined }[],
): boolean => {
  const [only, ...others] = prompts;
  if (!only || others.length > 0 || only.echo) return false;
  const text = only.prompt instanceof RemoteText ? only.prompt : new RemoteText(only.prompt);
  return text.read((raw) => raw.length < 600 && PASSWORD_PROMPT.test(raw.trim()));
};
