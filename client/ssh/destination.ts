import { UserError } from '../base/userError';

/** What a user types to name a host: an alias of ssh_config or a name or address, with user and port if wanted. */
export interface Destination {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * Reads `alias`, `user@host`, `host:2222`, `[::1]:22`, `user@[fe80::1]:2222` or `ssh://user@host:port`.
 *
 * @throws UserError when it is none of these. A leading dash is refused because the text reaches ssh's command line,
 * where it would be an option.
 */
export function parseDestination(text: string): Destination {
  const match =
    /^(?:ssh:\/\/)?(?:(?<user>[^@\s/]+)@)?(?:\[(?<v6>[0-9a-fA-F:.%\w]+)\]|(?<host>[^\s:@/[\]]+|[0-9a-fA-F]*:[0-9a-fA-F:]+(?:%\w+)?))(?::(?<port>\d+))?\/?$/.exec(
      text.trim(),
    );
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  const user = match?.groups?.['user'];
  if (!host || host.startsWith('-') || user?.startsWith('-') || /[\p{Cc}'"`$\\;&|<>*?!(){}]/u.test(host))
    throw new UserError(`'${text.trim()}' does not name a host; write alias, user@host or user@host:port.`);
  const portText = match?.groups?.['port'];
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65535))
    throw new UserError(`'${text.trim()}' has a port outside 1 to 65535; correct the port.`);
  return { host, ...(user ? { user } : {}), ...(port ? { port } : {}) };
}
