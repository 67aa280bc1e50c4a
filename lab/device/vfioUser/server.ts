import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Client, Device } from './device';
import { answer } from './requests';
import {
  Command,
  commandName,
  encodeMessage,
  MessageReader,
  ProtocolError,
  type Message,
  type Outgoing,
} from './wire';

/** Takes one line about what happened on a connection. */
export type Log = (line: string) => void;

/** A device that is on its socket. */
export interface Served {
  /** Takes the device away from its machine, as if it had broken. */
  close(): void;
  /** Leaves what the machine sends unread, or reads it again.
   * @returns whether there is a machine
   */
  stall(stalled: boolean): boolean;
  readonly connected: boolean;
}

/**
 * Puts a device on a Unix socket. One client at a time, as a PCI function sits in one machine: a second connection is
 * closed at once. What a client does wrong ends its connection and nothing else.
 * @param socketPath a stale socket file of an earlier run is replaced
 */
export function serve(device: Device, socketPath: string, log: Log): Promise<Served> {
  rmSync(socketPath, { force: true });
  let current: Connection | undefined;
  const server = createServer((socket) => {
    if (current) {
      log('a second client was turned away');
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, device, log);
    current = connection;
    socket.once('close', () => (current = undefined));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const served: Served = {
      close: () => {
        current?.end();
        server.close();
      },
      stall: (stalled) => current?.stall(stalled) ?? false,
      get connected() {
        return current !== undefined;
      },
    };
    server.listen(socketPath, () => resolve(served));
  });
}

interface Waiting {
  readonly command: number;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: Error) => void;
}

class Connection implements Client {
  private readonly reader = new MessageReader();
  /** Requests of ours that the client has not answered, by message id. */
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 0;

  constructor(
    private readonly socket: Socket,
    private readonly device: Device,
    private readonly log: Log,
  ) {
    log('a client has connected');
    socket.on('data', (bytes) => this.receive(bytes));
    socket.on('error', (error) => log(`the connection broke: ${error.message}`));
    socket.once('close', () => this.closed());
    device.connected(this);
  }

  async dmaRead(address: bigint, length: number): Promise<Buffer> {
    const fields = dmaFields(address, length);
    const reply = await this.request(Command.dmaRead, fields);
    if (reply.length < fields.length + length) throw new Error(`the guest answered ${reply.length} bytes`);
    return reply.subarray(fields.length, fields.length + length);
  }

  async dmaWrite(address: bigint, data: Buffer): Promise<void> {
    await this.request(Command.dmaWrite, Buffer.concat([dmaFields(address, data.length), data]));
  }

  end(): void {
    this.socket.destroy();
  }

  stall(stalled: boolean): boolean {
    if (stalled) this.socket.pause();
    else this.socket.resume();
    return true;
  }

  private request(command: number, payload: Buffer): Promise<Buffer> {
    if (this.socket.destroyed) return Promise.reject(new Error('the connection has ended'));
    // The upper half keeps our ids apart from the client's in a trace; the protocol does not need it.
    const id = 0x8000 | (this.nextId++ & 0x7fff);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { command, resolve, reject });
      this.send({ id, command, reply: false, payload });
    });
  }

  private send(message: Outgoing): void {
    this.socket.write(encodeMessage(message));
  }

  private receive(bytes: Buffer): void {
    try {
      for (const message of this.reader.push(bytes)) {
        if (message.reply) this.settle(message);
        else this.serve(message);
      }
    } catch (error) {
      // A fault of ours must not end the process either: other functions of this lab live in it.
      const reason = error instanceof ProtocolError ? error.message : `internal error: ${String(error)}`;
      this.log(`the connection is ended: ${reason}`);
      this.socket.destroy();
    }
  }

  private serve(message: Message): void {
    const result = answer(this.device, message);
    if ('errno' in result) this.log(`${commandName(message.command)} is refused with errno ${result.errno}`);
    if (message.noReply) return;
    const { id, command } = message;
    if ('errno' in result) this.send({ id, command, reply: true, error: result.errno });
    else this.send({ id, command, reply: true, payload: result.payload });
  }

  private settle(message: Message): void {
    const waiting = this.waiting.get(message.id);
    if (!waiting || waiting.command !== message.command)
      throw new ProtocolError(`a reply to nothing: ${commandName(message.command)}, id ${message.id}`);
    this.waiting.delete(message.id);
    if (message.error)
      waiting.reject(new Error(`${commandName(message.command)} failed with errno ${message.error}`));
    else waiting.resolve(Buffer.from(message.payload));
  }

  private closed(): void {
    const rest = this.reader.unfinished;
    this.log(rest ? `the client has left in the middle of a message (${rest} bytes)` : 'the client has left');
    for (const { reject } of this.waiting.values()) reject(new Error('the connection has ended'));
    this.waiting.clear();
    this.device.disconnected();
  }
}

/** DMA fields: address u64, count u64. QEMU before 11 read a shorter count, which is one reason for asking for 11. */
function dmaFields(address: bigint, count: number): Buffer {
  const fields = Buffer.alloc(16);
  fields.writeBigUInt64LE(address, 0);
  fields.writeBigUInt64LE(BigInt(count), 8);
  return fields;
}
