import { reservedVlan, type Fabric, type Member } from './fabric';
import { Answer, Command, headerLength, Ieq, mostVlans, Sba } from './layout';

/** The state of a function that commands read and change. */
export interface Registrations extends Member {
  readonly vlans: Set<number>;
  vlanRequired: boolean;
  /** Addresses of the signal bits and of the event queue in the guest's memory. */
  sba: bigint | undefined;
  ieq: bigint | undefined;
  /** Entries that were written since the queue was registered. */
  events: number;
}

/** What a command is answered with: the code, and what follows the header when it is 0. */
interface Result {
  readonly answer: number;
  readonly body?: Buffer;
}

interface Handler {
  /** Bytes of the request with its header; shorter ones are refused. */
  readonly length: number;
  run(self: Registrations, fabric: Fabric, request: Buffer): Result;
}

const done: Result = { answer: Answer.done };
const failed = (answer: number): Result => ({ answer });

/** Buffers, SBA and queue are pages of DMA memory; the zero page is never one. */
function isPage(address: bigint): boolean {
  return address !== 0n && (address & 0xfffn) === 0n;
}

function vlanOf(request: Buffer, valid: number, id: number): number | undefined {
  return request.readUInt32BE(valid) ? request.readUInt32BE(id) : undefined;
}

/** A VLAN id of IEEE 802.1Q, or the one that SMC reserves. */
function isVlan(id: bigint): boolean {
  return (id >= 1n && id <= 4094n) || id === BigInt(reservedVlan);
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

const handlers: Readonly<Record<number, Handler>> = {
  [Command.registerSba]: {
    length: 16,
    run(self, _fabric, request) {
      const address = request.readBigUInt64BE(8);
      if (self.sba !== undefined) return failed(Answer.alreadyRegistered);
      if (!isPage(address)) return failed(Answer.badAddress);
      self.sba = address;
      return done;
    },
  },
  [Command.unregisterSba]: {
    length: headerLength,
    run(self) {
      if (self.sba === undefined) return failed(Answer.notRegistered);
      self.sba = undefined;
      return done;
    },
  },
  [Command.registerIeq]: {
    length: 24,
    run(self, _fabric, request) {
      const address = request.readBigUInt64BE(8);
      if (self.ieq !== undefined) return failed(Answer.alreadyRegistered);
      if (!isPage(address)) return failed(Answer.badAddress);
      if (request.readBigUInt64BE(16) < Ieq.length) return failed(Answer.badLength);
      self.ieq = address;
      self.events = 0;
      return done;
    },
  },
  [Command.unregisterIeq]: {
    length: headerLength,
    run(self) {
      if (self.ieq === undefined) return failed(Answer.notRegistered);
      self.ieq = undefined;
      return done;
    },
  },
  [Command.readGid]: {
    length: headerLength,
    run: (self) => ({ answer: Answer.done, body: u64(self.gid) }),
  },
  [Command.queryInfo]: { length: headerLength, run: queryInfo },
  [Command.queryRemoteGid]: {
    length: 24,
    run: (self, fabric, request) =>
      failed(fabric.query(self, request.readBigUInt64BE(8), vlanOf(request, 16, 20))),
  },
  [Command.addVlan]: {
    length: 16,
    run(self, _fabric, request) {
      const id = request.readBigUInt64BE(8);
      if (!isVlan(id)) return failed(Answer.badVlan);
      if (self.vlans.size >= mostVlans && !self.vlans.has(Number(id))) return failed(Answer.noSpace);
      self.vlans.add(Number(id));
      return done;
    },
  },
  [Command.deleteVlan]: {
    length: 16,
    run: (self, _fabric, request) =>
      self.vlans.delete(Number(request.readBigUInt64BE(8))) ? done : failed(Answer.badVlan),
  },
  [Command.setVlanRequired]: {
    length: headerLength,
    run(self) {
      self.vlanRequired = true;
      return done;
    },
  },
  [Command.resetVlanRequired]: {
    length: headerLength,
    run(self) {
      self.vlanRequired = false;
      return done;
    },
  },
  [Command.registerDmb]: { length: 40, run: registerDmb },
  [Command.unregisterDmb]: {
    length: 16,
    run: (self, fabric, request) => failed(fabric.unregister(self, request.readBigUInt64BE(8))),
  },
  [Command.signalIeq]: {
    length: 32,
    run: (self, fabric, request) =>
      failed(
        fabric.signal(
          self,
          request.readBigUInt64BE(8),
          request.readUInt32BE(16) !== 0,
          request.readUInt32BE(20),
          request.readBigUInt64BE(24),
        ),
      ),
  },
};

/** union ism_qi. */
function queryInfo(self: Registrations, fabric: Fabric): Result {
  const body = Buffer.alloc(64 + mostVlans * 2);
  body.writeUInt32BE(1, 0); // version
  body.writeUInt32BE(Sba.length, 4); // max_len
  body.writeBigUInt64BE(self.gid, 16);
  body.writeBigUInt64BE(self.sba ?? 0n, 24);
  body.writeBigUInt64BE(self.ieq ?? 0n, 32);
  body.writeUInt32BE(self.ieq === undefined ? 0 : Number(Ieq.length), 40);
  body.writeUInt32BE(fabric.buffers(self).length, 48);
  body.writeUInt32BE(fabric.usedBy(self).length, 52);
  body.writeUInt32BE(self.vlanRequired ? 1 : 0, 56);
  body.writeUInt32BE(self.vlans.size, 60);
  [...self.vlans].forEach((id, index) => body.writeUInt16BE(id, 64 + index * 2));
  return { answer: Answer.done, body };
}

/** dma_set_max_seg_size() of ism_drv.c; the offset of a store could name 8 MiB. */
const longestDmb = 1 << 20;

function registerDmb(self: Registrations, fabric: Fabric, request: Buffer): Result {
  const address = request.readBigUInt64BE(8);
  const length = request.readUInt32BE(16);
  if (!isPage(address)) return failed(Answer.badAddress);
  if (length === 0 || length > longestDmb) return failed(Answer.badLength);
  const made = fabric.register({
    owner: self,
    address,
    length,
    index: request.readUInt32BE(20),
    vlan: vlanOf(request, 24, 28),
    remoteGid: request.readBigUInt64BE(32),
  });
  return typeof made === 'number' ? failed(made) : { answer: Answer.done, body: u64(made.token) };
}

export interface Executed {
  readonly command: number;
  readonly answer: number;
  /** What the control page holds afterwards, from its start on. */
  readonly response: Buffer;
}

/** Carries out the command whose request the control page holds. */
export function execute(self: Registrations, fabric: Fabric, page: Buffer): Executed {
  const command = page.readUInt32BE(0);
  const length = page.readUInt16BE(6);
  const handler = handlers[command];
  const result = !handler
    ? failed(Answer.unknownCommand)
    : length < handler.length || length > page.length
      ? failed(Answer.badLength)
      : handler.run(self, fabric, page);
  const body = result.answer === Answer.done ? (result.body ?? Buffer.alloc(0)) : Buffer.alloc(0);
  const header = Buffer.alloc(headerLength);
  header.writeUInt32BE(command, 0);
  header.writeUInt16BE(result.answer, 4);
  header.writeUInt16BE(headerLength + body.length, 6);
  return { command, answer: result.answer, response: Buffer.concat([header, body]) };
}
