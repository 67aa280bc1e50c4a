/**
 * The part of the client that needs ssh2, built as a bundle of its own: extension.ts loads it when the first host is
 * connected, so that activation stays cheap.
 */
import { HELPER_PROTOCOL_VERSION, type Hello } from '../../protocol/helper';
import { parseDestination } from '../ssh/destination';
import { bounded } from '../base/bounded';
import { deliverHelper } from './helperDelivery';
import type { HelperChannel } from './helperChannel';
import { choosePrivilege, startHelper, type Privilege, type SudoChoice } from './helperStart';
import type { Prompts } from '../ssh/prompts';
import { connectRoute } from '../ssh/route';
import { TrustStore, type KeyValueStore } from '../ssh/trustStore';
import { CancelledError } from '../base/cancelled';
import { UserError } from '../base/userError';

export { configuredHosts } from '../ssh/sshConfigFiles';

/** A helper that started answers at once. */
const HELLO_SECONDS = 30;

export interface RemoteOptions {
  readonly destination: string;
  readonly sshConfigFile?: string;
  readonly sudo?: SudoChoice;
  readonly helperFile: string;
  readonly prompts: Prompts;
  readonly trust: KeyValueStore;
  readonly report: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A connected host: its helper, and what it said of itself. */
export interface RemoteSession {
  readonly hello: Hello;
  readonly target: string;
  readonly privilege: Privilege;
  /** The connection goes straight to a loopback address; a forwarded port looks the same. */
  readonly loopback: boolean;
  readonly channel: HelperChannel;
  dispose(): void;
}

/**
 * Connects a host, installs its helper if needed, starts it and checks that both speak the same protocol.
 *
 * @throws UserError with one sentence; an UnreachableError when trying again later may help
 */
export async function openSession(options: RemoteOptions): Promise<RemoteSession> {
  const { prompts, report, sshConfigFile, signal } = options;
  const trust = new TrustStore(options.trust);
  const ssh = await connectRoute(parseDestination(options.destination), {
    sshConfigFile,
    prompts,
    trust,
    report,
    signal,
  });
  try {
    const helper = await deliverHelper(ssh, options.helperFile, prompts, report);
    const privilege = choosePrivilege(helper, options.sudo ?? 'auto');
    const channel = await startHelper(ssh, helper, privilege, prompts, report);
    const late = (): Error => new Error(`no answer within ${HELLO_SECONDS} s`);
    const asked = bounded(channel.request('hello', {}), { seconds: HELLO_SECONDS, late, signal });
    const hello = await asked.catch((error: unknown) => {
      if (error instanceof CancelledError) throw error;
      throw new UserError(
        `The helper on ${ssh.target} did not answer as it should; connect again, and if it stays so, install the extension again.`,
        String(error),
      );
    });
    if (hello.protocol !== HELPER_PROTOCOL_VERSION)
      throw new UserError(
        `The helper on ${ssh.target} speaks protocol ${hello.protocol}, this extension ${HELPER_PROTOCOL_VERSION}; install the extension again.`,
      );
    report(
      `helper ${hello.build} runs on ${ssh.target} (${privilege}): Linux ${hello.kernel} ${hello.machine}`,
    );
    channel.keepAlive();
    void ssh.closed.then((reason) => channel.dispose(reason));
    return {
      hello,
      target: ssh.target,
      privilege,
      loopback: ssh.loopback,
      channel,
      dispose: () => {
        channel.dispose();
        ssh.end();
      },
    };
  } catch (error) {
    ssh.end();
    throw error;
  }
}
