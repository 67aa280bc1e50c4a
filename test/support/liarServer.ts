/** A peer that answers TCP and says, before any key is exchanged, that it disconnects, in words of its own (RFC 4253, 11.1). */
import net from 'node:net';

export interface LiarServer {
  readonly port: number;
  /** Connections that are still open at this end. */
  readonly open: () => number;
  close(): void;
}

/** @param closes false: it never closes its end of a connection, whatever the client does */
export async function startLiar(words: string, closes = true): Promise<LiarServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: !closes }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.resume();
    socket.write('SSH-2.0-OpenSSH_9.9\r\n');
    socket.write(disconnectPacket(words));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    open: () => sockets.size,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** SSH_MSG_DISCONNECT (1) with the reason SSH_DISCONNECT_PROTOCOL_ERROR (2), unencrypted. */
function disconnectPacket(words: string): Buffer {
  const text = Buffer.from(words);
  const payload = Buffer.alloc(1 + 4 + 4 + text.length + 4);
  payload[0] = 1;
  payload.writeUInt32BE(2, 1);
  payload.writeUInt32BE(text.length, 5);
  text.copy(payload, 9);
  const padding = 16 - ((5 + payload.length) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding, 0);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}
