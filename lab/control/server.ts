import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { linesOf } from '../base/lines';
import type { Lab } from '../machine/api';
import { withSocketPath } from '../base/socketPath';
import { controlSocket, type ControlReply, type ControlRequest } from './protocol';

/** Lets a running lab be asked by `npm run lab -- ctl`. The folder of the lab, and so the socket, is its owner's only. */
export function serveControl(lab: Lab): Promise<Server> {
  rmSync(path.join(lab.folder, controlSocket), { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    linesOf(socket).on('line', (line) => void answer(lab, socket, line));
  });
  void lab.ended.then(() => server.close());
  return withSocketPath(
    lab.folder,
    controlSocket,
    (socketPath) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(socketPath, () => resolve(server));
      }),
  );
}

async function answer(lab: Lab, socket: Socket, line: string): Promise<void> {
  let reply: ControlReply;
  try {
    reply = { result: (await handle(lab, JSON.parse(line) as ControlRequest)) ?? null };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  socket.end(`${JSON.stringify(reply)}\n`);
}

function handle(lab: Lab, request: ControlRequest): Promise<unknown> {
  switch (request.kind) {
    case 'device':
      return lab.ask(request.request);
    case 'describe':
      return Promise.resolve({ guests: lab.guests, functions: lab.functions });
    case 'stores':
      return Promise.resolve(lab.readStores().slice(-request.last));
    case 'add':
      return lab.addFunction(request.guest);
    case 'network':
      return lab.setNetwork(request.guest, request.up);
    case 'reboot':
      return lab.reboot(request.guest);
  }
}
