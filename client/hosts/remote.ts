/**
 * The part of the client that needs ssh2, built as a bundle of its own: extension.ts loads it when the first host is
 * connected, so that activation stays cheap.
 */
import { HELPER_PROTOCOL_VERSION, type Hello } from '../../protocol/helper';
import { parseDestination } from './destination';
import { deliverHelper } from './helperDelivery';
import { HelperChannel } from './helperChannel';
import type { Prompts } from './prompts';
import { resolveHost } from './sshConfig';
import { SshConnection } from './sshConnection';
import { TrustStore, type KeyValueStore } from './trustStore';
import { UserError } from './userError';

export interface RemoteOptions {
  readonly destination: string;
  readonly sshConfigFile?: string;
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
  readonly channel: HelperChannel;
  dispose(): void;
}

/**
 * Connects a host, installs its helper if needed, starts it and checks that both speak the same protocol.
 *
 * @throws UserError with one sentence
 */
export async function openSession(options: RemoteOptions): Promise<RemoteSession> {
  const host = await resolveHost(parseDestination(options.destination), options.sshConfigFile);
  options.report(`connecting to ${host.user}@${host.hostName}, port ${host.port}`);
  const ssh = await SshConnection.open(
    host,
    options.prompts,
    new TrustStore(options.trust),
    options.report,
    options.signal,
  );
  try {
    const command = await deliverHelper(ssh, options.helperFile, options.prompts, options.report);
    const stream = await ssh.exec(command);
    stream.stderr.on('data', (data: Buffer) => options.report(`helper: ${data.toString('utf8').trim()}`));
    const channel = new HelperChannel(stream, options.report);
    const hello = await channel.request('hello', {}).catch((error: unknown) => {
      throw new UserError(
        `The helper did not start on ${ssh.target}; the file system of its home directory may forbid programs (noexec).`,
        String(error),
      );
    });
    if (hello.protocol !== HELPER_PROTOCOL_VERSION)
      throw new UserError(
        `The helper on ${ssh.target} speaks protocol ${hello.protocol}, this extension ${HELPER_PROTOCOL_VERSION}; install the extension again.`,
      );
    options.report(`helper ${hello.build} runs on ${ssh.target}: Linux ${hello.kernel} ${hello.machine}`);
    void ssh.closed.then((reason) => channel.dispose(reason));
    return {
      hello,
      target: ssh.target,
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
