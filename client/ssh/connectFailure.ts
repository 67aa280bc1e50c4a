/** One sentence for what Node and ssh2 report while a connection is set up. */
import { wordsOf } from '../../protocol/remoteText';
import { t } from '../base/l10n';
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
      t(
        "{0}, port {1}, did not accept any key or password for user '{2}'; check the user name and the IdentityFile in the SSH configuration.",
        hostName,
        port,
        user,
      ),
    );
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return away(t("The host name '{0}' cannot be found; check its spelling and the network.", hostName));
    case 'ECONNREFUSED':
      return away(
        t(
          '{0}, port {1}, refuses connections; check that the host is up and sshd listens there.',
          hostName,
          port,
        ),
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return away(t('{0}, port {1}, cannot be reached from here; check the network or VPN.', hostName, port));
    case 'ETIMEDOUT':
      return away(
        t('{0}, port {1}, did not answer; check the name, the network and the firewall.', hostName, port),
      );
    case 'ECONNRESET':
      return away(
        t(
          '{0}, port {1}, closed the connection before it was set up; check that an SSH server listens there.',
          hostName,
          port,
        ),
      );
    default:
  }
  if (error.level === 'handshake' || error.level === 'protocol')
    return say(
      t('{0}, port {1}, and this extension could not agree on how to talk: {2}.', hostName, port, words),
    );
  return say(t('{0}, port {1}, could not be connected: {2}.', hostName, port, words));
}
