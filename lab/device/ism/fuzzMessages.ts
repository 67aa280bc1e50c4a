/** Malformed messages of a vfio-user client, for the tests and for `npm run fuzz -- vfio-user`. */
import { Fabric } from './fabric';
import { IsmFunction } from './ismFunction';
import { answer } from '../vfioUser/requests';
import { Command, encodeMessage, highestCommand, MessageReader, ProtocolError } from '../vfioUser/wire';

/** A fixed linear congruential generator: the same messages in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Numbers at which checks of lengths and offsets are wrong when they are wrong. */
const edges = [
  0n,
  1n,
  7n,
  8n,
  0xff0n,
  0xff8n,
  0xfffn,
  0x1000n,
  1n << 20n,
  1n << 31n,
  1n << 48n,
  1n << 63n,
  ~0n,
];

/**
 * Sends malformed messages to a function.
 * @returns how many were answered and how many were refused with a reason
 * @throws what is thrown that is no reason of the protocol
 */
export function fuzzMessages(rounds: number, seed: number): { answered: number; refused: number } {
  const random = generator(seed);
  const device = new IsmFunction({
    name: 'ism0',
    gid: 1n,
    fabric: new Fabric(),
    logStore: () => undefined,
    log: () => undefined,
  });
  device.connected({
    dmaRead: (_, length) => Promise.resolve(Buffer.alloc(length)),
    dmaWrite: () => Promise.resolve(),
  });
  const edge = (): bigint => BigInt.asUintN(64, (edges[random(edges.length)] ?? 0n) + BigInt(random(3)) - 1n);
  const outcome = { answered: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const payload = Buffer.alloc(random(5) === 0 ? random(16) : 16 + random(48));
    for (let at = 0; at + 8 <= payload.length; at += 8) payload.writeBigUInt64LE(edge(), at);
    // Half of the accesses name a region that is there and the length that they carry.
    if (payload.length >= 16 && random(2)) {
      payload.writeUInt32LE([0, 2, 4, 7][random(4)] ?? 0, 8);
      payload.writeUInt32LE(payload.length - 16, 12);
    }
    const command = random(2) ? Command.regionWrite : random(highestCommand + 3);
    const message = encodeMessage({ id: random(65536), command, reply: false, payload });
    if (random(20) === 0) message[random(message.length)] = random(256);
    if (random(50) === 0) message.writeUInt32LE(Number(edge() & 0xffff_ffffn), 4);
    try {
      const reader = new MessageReader();
      const cut = random(message.length);
      for (const half of [message.subarray(0, cut), message.subarray(cut)])
        for (const one of reader.push(half)) answer(device, one);
      outcome.answered++;
    } catch (error) {
      if (!(error instanceof ProtocolError))
        throw new Error(`round ${round}: ${String((error as Error).stack)}`, { cause: error });
      outcome.refused++;
    }
  }
  device.disconnected();
  return outcome;
}
