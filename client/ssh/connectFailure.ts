/** One sentence for what Node and ssh2 report while a connection is set up. */
import { wordsOf } from '../../protocol/remoteText';
import type { ResolvedHost } from './sshConfig';
import { UnreachableError, UserError } from '../base/userError';

/** @param error of the socket or of ssh2; its text may be the server's own (SSH_MSG_DISCONNECT) */
export function connectFailure(
  error: Error & { code?: string | number; level?: string },
  host: ResolvedHost,
): UserError {
  const { hostName, port, user } = host;
  const words = wordsOf(error);
  const detail = error.stack ?? error.message;
  const say = (text: string): UserError => new UserError(text, detail);
  const away = (text: string): UserError => new UnreachableError(text, detail);
  if (error.level === 'client-authentication')
    return say(
      `${hostName}, port ${port}, did not accept any key or password for user '${user}'; check the user name and the IdentityFile in the SSH configuration.`,
    );
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return away(`The host name '${hostName}' cannot be found; check its spelling and the network.`);
    case 'ECONNREFUSED':
      return away(
        `${hostName}, port ${port}, refuses connections; check that the host is up and sshd listens there.`,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return away(`${hostName}, port ${port}, cannot be reached from here; check the network or VPN.`);
    case 'ETIMEDOUT':
      return away(`${hostName}, port ${port}, did not answer; check the name, the network and the firewall.`);
    case 'ECONNRESET':
      return away(
        `${hostName}, port ${port}, closed the connection before it was set up; check that an SSH server listens there.`,
      );
    default:
  }
  if (error.level === 'handshake' || error.level === 'protocol')
    return say(
      `${hostName}, port ${port}, and this extension could not agree on how to talk: ${words.inSentence()}.`,
    );
  return say(`${hostName}, port ${port}, could not be connected: ${words.inSentence()}.`);
}
