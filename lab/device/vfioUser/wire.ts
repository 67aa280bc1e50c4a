/**
 * Layout of vfio-user messages, after QEMU's docs/interop/vfio-user.rst. All fields are little-endian here: the protocol
 * takes the byte order of the host, and only x86-64 hosts are supported.
 */

/** Message header: id u16, command u16, size u32 (header included), flags u32, error u32. */
export const headerSize = 16;

export const Command = {
  version: 1,
  dmaMap: 2,
  dmaUnmap: 3,
  deviceGetInfo: 4,
  deviceGetRegionInfo: 5,
  deviceGetRegionIoFds: 6,
  deviceGetIrqInfo: 7,
  deviceSetIrqs: 8,
  regionRead: 9,
  regionWrite: 10,
  dmaRead: 11,
  dmaWrite: 12,
  deviceReset: 13,
  dirtyPages: 14,
  regionWriteMulti: 15,
  deviceFeature: 16,
  migDataRead: 17,
  migDataWrite: 18,
} as const;

export const highestCommand = Command.migDataWrite;

export function commandName(command: number): string {
  return Object.entries(Command).find(([, value]) => value === command)?.[0] ?? `command ${command}`;
}

const typeMask = 0xf;
const typeReply = 0x1;
const noReplyBit = 0x10;
const errorBit = 0x20;

/** Error numbers of Linux that replies carry. */
export const Errno = { EINVAL: 22, ENOTSUP: 95 } as const;

/** The largest count of bytes in one region or DMA access, as announced in the version message. */
export const maxTransfer = 1 << 20;

/** The largest message that is read: a full transfer with its header and fields. */
export const maxMessage = maxTransfer + 256;

export interface Message {
  readonly id: number;
  readonly command: number;
  readonly reply: boolean;
  /** The sender of a command does not want a reply: a posted write. */
  readonly noReply: boolean;
  /** Error number of a reply, 0 when it has none. */
  readonly error: number;
  readonly payload: Buffer;
}

/** A message that breaks the protocol. It ends the connection, since what follows it cannot be trusted. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Reads one whole message. */
export function decodeMessage(bytes: Buffer): Message {
  const flags = bytes.readUInt32LE(8);
  const type = flags & typeMask;
  if (type > typeReply) throw new ProtocolError(`message type ${type} is neither command nor reply`);
  return {
    id: bytes.readUInt16LE(0),
    command: bytes.readUInt16LE(2),
    reply: type === typeReply,
    noReply: (flags & noReplyBit) !== 0,
    error: flags & errorBit ? bytes.readUInt32LE(12) : 0,
    payload: bytes.subarray(headerSize),
  };
}

export interface Outgoing {
  readonly id: number;
  readonly command: number;
  readonly reply: boolean;
  readonly error?: number;
  readonly payload?: Buffer;
}

/** Makes one buffer of a message: QEMU expects a header to arrive in one piece. */
export function encodeMessage({ id, command, reply, error = 0, payload }: Outgoing): Buffer {
  const bytes = Buffer.alloc(headerSize + (payload?.length ?? 0));
  bytes.writeUInt16LE(id, 0);
  bytes.writeUInt16LE(command, 2);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt32LE((reply ? typeReply : 0) | (error ? errorBit : 0), 8);
  bytes.writeUInt32LE(error, 12);
  payload?.copy(bytes, headerSize);
  return bytes;
}

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  private pending: Buffer = Buffer.alloc(0);

  /**
   * Takes bytes as they arrive and yields the messages that are complete with them.
   * @throws ProtocolError at a size that no message can have; the reader must not be used afterwards
   */
  *push(bytes: Buffer): Generator<Message> {
    this.pending = this.pending.length ? Buffer.concat([this.pending, bytes]) : bytes;
    while (this.pending.length >= headerSize) {
      const size = this.pending.readUInt32LE(4);
      if (size < headerSize || size > maxMessage)
        throw new ProtocolError(`message size ${size} is not between ${headerSize} and ${maxMessage}`);
      if (this.pending.length < size) return;
      const message = this.pending.subarray(0, size);
      this.pending = this.pending.subarray(size);
      yield decodeMessage(message);
    }
  }

  /** Bytes of a message that has begun to arrive. */
  get unfinished(): number {
    return this.pending.length;
  }
}
