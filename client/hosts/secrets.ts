/**
 * Passwords and passphrases that were answered once: in memory until they are forgotten, in VS Code's SecretStorage when
 * the person asked for that. Never in settings, logs, journals or command lines.
 */
import { t } from '../l10n';
import { UserError } from './userError';

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
  /** Whether the answer can be offered to be kept; a one-time code cannot. */
  readonly keepable: boolean;
  readonly attempt: number;
}

/** Names of what is in the store, kept with it so that all of it can be forgotten. */
const INDEX = 'ism.secrets';

export class SecretKeeper {
  private readonly memory = new Map<string, string>();

  constructor(
    private readonly store: SecretStore,
    private readonly ask: (question: SecretQuestion) => Promise<SecretAnswer | undefined>,
  ) {}

  /**
   * Answers from what is known on the first attempt, else asks; a known answer that failed is forgotten.
   *
   * @param quiet show no dialog: for a connection that comes back by itself, when nobody may be looking
   * @throws UserError when a person would have to be asked and must not be
   */
  async answer(key: string, question: SecretQuestion, quiet = false): Promise<string | undefined> {
    if (question.keepable && question.attempt === 1) {
      const known = this.memory.get(key) ?? (await this.store.get(key));
      if (known !== undefined) return known;
    }
    if (quiet) throw needsPerson();
    await this.drop(key);
    const answer = await this.ask(question);
    if (answer && question.keepable) {
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
    const value: unknown = text === undefined ? [] : JSON.parse(text);
    return Array.isArray(value) ? value.filter((key): key is string => typeof key === 'string') : [];
  }
}

/** Why a connection that comes back by itself ends. */
export const needsPerson = (): UserError =>
  new UserError(t('The host asks something that only you can answer; connect it again.'));

/** Only what reads like a password prompt may be kept; a code from a token is right only once. */
export const isPasswordPrompt = (prompt: string, echo: boolean): boolean =>
  !echo && /passw|passphrase/i.test(prompt);
