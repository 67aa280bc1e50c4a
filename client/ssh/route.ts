/** Reaching a host directly or through its jump hosts; each hop is verified like a target. */
import type { Destination } from './destination';
import { addressOf, type Prompts } from './prompts';
import { resolveHost, type ResolvedHost } from './sshConfig';
import { openConnection } from './openConnection';
import type { SshConnection } from './sshConnection';
import type { TrustStore } from './trustStore';
import { CancelledError } from '../base/cancelled';
import { UserError } from '../base/userError';

/** More hops than anybody has; a configuration whose hosts jump through each other ends here. */
const MAX_HOPS = 8;

export interface RouteOptions {
  readonly sshConfigFile?: string | undefined;
  readonly prompts: Prompts;
  readonly trust: TrustStore;
  readonly report: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects a destination. Ending the connection ends its hops, and a hop that ends takes the connection along.
 *
 * @throws UserError with one sentence that names the hop it is about
 */
export async function connectRoute(destination: Destination, options: RouteOptions): Promise<SshConnection> {
  const route = await plan(destination, options.sshConfigFile);
  const hops: SshConnection[] = [];
  try {
    for (const [index, host] of route.entries()) {
      const before = hops.at(-1);
      const via = before ? ` through ${before.target}` : '';
      options.report(`connecting to ${host.user}@${host.hostName}, port ${host.port}${via}`);
      const { connectTimeoutSeconds } = host;
      const opening = before?.forward(host.hostName, host.port, connectTimeoutSeconds);
      const stream = await opening?.catch((error: unknown) => {
        if (error instanceof UserError) throw error;
        throw new UserError(
          `The jump host ${before?.target ?? ''} cannot reach ${host.hostName}, port ${host.port}; check the name and that forwarding is allowed there.`,
          String(error),
        );
      });
      const { prompts, trust, report, signal } = options;
      const hop = await openConnection(host, {
        ...{ prompts, trust, report, signal, through: stream },
        route: route.slice(0, index).map(addressOf),
      }).catch((error: unknown) => {
        if (index === route.length - 1 || !(error instanceof UserError) || error instanceof CancelledError)
          throw error;
        throw new UserError(`On the way to ${route.at(-1)?.hostName ?? ''}: ${error.message}`, error.detail);
      });
      hops.push(hop);
    }
  } catch (error) {
    for (const hop of hops.reverse()) hop.end();
    throw error;
  }
  const target = hops.pop();
  if (!target) throw new Error('a route has at least its target');
  void target.closed.then(() => hops.reverse().forEach((hop) => hop.end()));
  return target;
}

/**
 * The hosts in the order in which they are connected. As with `ssh -J a,b`: the first hop is reached as its own
 * configuration says, the others through the one before.
 */
async function plan(destination: Destination, configFile: string | undefined): Promise<ResolvedHost[]> {
  const route: ResolvedHost[] = [];
  let next: Destination | undefined = destination;
  while (next) {
    const host: ResolvedHost = await resolveHost(next, configFile);
    const [first, ...others]: readonly Destination[] = host.jumps;
    const between = await Promise.all(others.map((hop) => resolveHost(hop, configFile)));
    route.unshift(...between, host);
    if (route.length > MAX_HOPS)
      throw new UserError(
        `The SSH configuration reaches '${destination.host}' through more than ${MAX_HOPS} hosts, or in a circle; correct its ProxyJump lines.`,
      );
    next = first;
  }
  return route;
}
