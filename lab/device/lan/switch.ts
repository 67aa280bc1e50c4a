import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

/** The largest frame that is forwarded: more than any network card of QEMU sends without offloads of 64 KiB. */
const longestFrame = 70_000;

/**
 * An Ethernet segment between the guests of a lab: a Unix socket for QEMU's `-netdev stream`, on which each frame follows
 * its length as u32 in network order. Every frame goes to every other guest, as on a hub.
 */
export function serveLan(socketPath: string, log: (line: string) => void): Promise<void> {
  rmSync(socketPath, { force: true });
  const ports = new Set<Socket>();
  const server = createServer((socket) => {
    ports.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      pending = pending.length ? Buffer.concat([pending, bytes]) : bytes;
      let from = 0;
      while (pending.length - from >= 4) {
        const length = pending.readUInt32BE(from);
        if (length > longestFrame) {
          log(`lan: a frame of ${length} bytes ends the connection`);
          socket.destroy();
          return;
        }
        if (pending.length - from < 4 + length) break;
        const frame = pending.subarray(from, from + 4 + length);
        for (const port of ports) if (port !== socket) port.write(frame);
        from += 4 + length;
      }
      pending = pending.subarray(from);
    });
    socket.on('error', (error) => log(`lan: ${error.message}`));
    socket.once('close', () => ports.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => resolve());
  });
}
