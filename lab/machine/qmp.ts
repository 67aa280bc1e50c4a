import { connect } from 'node:net';
import { linesOf } from '../base/lines';
import { withSocketPath } from '../base/socketPath';

/** A message of QEMU's machine protocol (docs/interop/qmp-spec.rst), as far as it is read here. */
interface QmpMessage {
  readonly QMP?: unknown;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
}

/** Asks a QEMU for something, with a connection for each question: they are rare, and QEMU serves one at a time. */
export class QmpClient {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly socket: string,
  ) {}

  /** Runs one command. @throws Error with QEMU's own words */
  run(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const ask = (): Promise<unknown> =>
      withSocketPath(this.folder, this.socket, (socketPath) => converse(socketPath, command, args));
    const result = this.last.then(ask, ask);
    this.last = result.catch(() => undefined);
    return result;
  }
}

function converse(
  socketPath: string,
  command: string,
  args: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const send = (execute: string, parameters: object): void =>
      void socket.write(`${JSON.stringify({ execute, arguments: parameters })}\n`);
    let negotiated = false;
    const end = (finish: () => void): void => {
      socket.destroy();
      finish();
    };
    socket.setTimeout(30_000, () => end(() => reject(new Error(`QEMU does not answer ${command}.`))));
    socket.once('error', (error) => end(() => reject(new Error(`QEMU is not reachable: ${error.message}.`))));
    socket.once('close', () => reject(new Error(`QEMU ended before it answered ${command}.`)));
    linesOf(socket).on('line', (line) => {
      const message = JSON.parse(line) as QmpMessage;
      if (message.QMP) send('qmp_capabilities', {});
      else if (message.error) {
        const { desc } = message.error;
        end(() => reject(new Error(`QEMU refuses ${command}: ${desc}.`)));
      } else if (message.event === undefined && !negotiated) {
        negotiated = true;
        send(command, args);
      } else if (message.event === undefined) end(() => resolve(message.return));
    });
  });
}
