import type { HostKeyQuestion } from './hostKeyCheck';

/**
 * Everything that a connection may have to ask a person. The client answers with VS Code's dialogs, tests with
 * functions. Each prompt names host and user; undefined means that the person gave up.
 */
export interface Prompts {
  acceptHostKey(question: HostKeyQuestion): Promise<boolean>;
  passphrase(keyFile: string, target: string, attempt: number): Promise<string | undefined>;
  /**
   * One prompt of the server's keyboard-interactive dialogue, or a password.
   *
   * @param attempt counted from 1; more than 1 means that the answer before was not right
   */
  secret(prompt: string, target: string, echo: boolean, attempt: number): Promise<string | undefined>;
  uploadHelper(target: string, directory: string, bytes: number): Promise<boolean>;
}
