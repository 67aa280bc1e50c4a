import * as vscode from 'vscode';
import { UserError } from '../base/userError';

/**
 * Refuses to go on in a workspace that is not trusted. In code, because hiding a command leaves keybindings and links to it.
 *
 * @param purpose what trust is needed for, an infinitive: `store`
 * @throws UserError
 */
export function requireTrust(purpose: string): void {
  if (!vscode.workspace.isTrusted)
    throw new UserError(`This workspace is not trusted. Trust it to ${purpose}.`);
}
