import net from 'node:net';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { Frames } from './frames';

/** Ends the process at the first header that is none: it would run on, deaf, and its editor would wait for it. */
function guard(input: NodeJS.ReadableStream): void {
  const frames = new Frames();
  input.on('data', (chunk: Buffer) => {
    const wrong = frames.take(chunk);
    if (wrong === undefined) return;
    process.stderr.write(`ism-language-server: ${wrong} The server ends; restart it in the editor.\n`, () =>
      process.exit(1),
    );
    input.removeAllListeners('data');
  });
}

/** What a client listens at: `--pipe=FILE` or `--pipe FILE`, and the same with `--socket` and a port. */
function addressOf(args: readonly string[]): net.NetConnectOpts | undefined {
  for (const [at, arg] of args.entries()) {
    const [, kind, value] = /^--(pipe|socket)(?:=(.*))?$/.exec(arg) ?? [];
    const given = value ?? args[at + 1] ?? '';
    if (kind === 'pipe') return { path: given };
    if (kind === 'socket') return { host: '127.0.0.1', port: Number(given) };
  }
  return undefined;
}

const create = (...streams: [] | [net.Socket, net.Socket]) =>
  streams.length === 0
    ? createConnection(ProposedFeatures.all)
    : createConnection(ProposedFeatures.all, ...streams);

/** The connection to the client that the arguments of the process name. */
export function connect(): ReturnType<typeof create> {
  const address = addressOf(process.argv.slice(2));
  if (address) {
    const socket = net.createConnection(address);
    guard(socket);
    socket.on('error', (error) => {
      process.stderr.write(`ism-language-server: The client cannot be reached (${error.message}).\n`, () =>
        process.exit(1),
      );
    });
    return create(socket, socket);
  }
  if (process.argv.includes('--stdio')) guard(process.stdin);
  return create();
}
