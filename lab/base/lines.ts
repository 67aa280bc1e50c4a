import type { Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';

/** The lines that come from a socket. Errors stay the business of the socket: readline would raise them a second time. */
export function linesOf(socket: Socket): Interface {
  return createInterface({ input: socket }).on('error', () => undefined);
}
