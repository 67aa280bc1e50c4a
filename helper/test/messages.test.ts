/** What the helper makes of the kernel's messages, of messages that only look like them, and of rubbish. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';

type Kind = 'u' | 'd' | 'g' | 'f';
const SEQ = 1;
const [DONE, ERROR] = [3, 2];
const NESTED = 0x8000;

/** The numbers of include/uapi/linux/netlink.h, genetlink.h and smc.h. This machine is little endian, as its kernel. */
function attribute(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + data.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}
function message(type: number, body: Buffer, { flags = 2, seq = SEQ } = {}): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt32LE(seq, 8);
  return Buffer.concat([head, body]);
}
const u16 = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: bigint): Buffer => Buffer.from(BigUint64Array.of(value).buffer);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const generic = (...attributes: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([1, 1, 0, 0]), ...attributes]);

const device = (address: string, groups: number): Buffer =>
  message(
    28,
    generic(
      attribute(
        NESTED | 5,
        Buffer.concat([attribute(1, u32(groups)), attribute(3, u32(0x61)), attribute(7, text(address))]),
      ),
    ),
  );
const group = (gid: bigint, connections: number): Buffer =>
  message(
    28,
    generic(attribute(NESTED | 4, Buffer.concat([attribute(2, u64(gid)), attribute(5, u32(connections))]))),
  );
const family = (name: string, id: number): Buffer =>
  message(16, generic(attribute(2, text(name)), attribute(1, u16(id))));
const done = message(DONE, u32(0));
const uevent = (changes: Record<string, string> = {}): Buffer => {
  const variables = {
    ACTION: 'bind',
    DEVPATH: '/devices/pci0051:00/0051:00:00.0',
    SUBSYSTEM: 'pci',
    DRIVER: 'ism',
    PCI_ID: '1014:04ED',
    PCI_SLOT_NAME: '0051:00:00.0',
    ...changes,
  };
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  return Buffer.from([`bind@/devices`, ...lines, ''].join('\0'));
};

describe('messages of the kernel', () => {
  let probe: { readonly path: string; readonly env: Readonly<Record<string, string>> };
  before(async function () {
    this.timeout(180_000); // it may have to be compiled
    probe = await buildHelperProbe(openSetup({ say: () => undefined }), process.cwd(), 'messageProbe');
  });

  function read(...records: readonly (readonly [Kind, Buffer])[]): string[] {
    const input = Buffer.concat(
      records.map(([kind, data]) => Buffer.concat([Buffer.from(kind), u32(data.length), data])),
    );
    const result = spawnSync(probe.path, {
      input,
      env: { ...process.env, ...probe.env },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    assert.equal(result.stderr, '');
    assert.equal(result.status, 0);
    return result.stdout.split('\n').slice(0, -1);
  }

  it('are parsed', () => {
    const devices = Buffer.concat([device('0051:00:00.0', 1), device('0052:00:00.0', 0), done]);
    const groups = Buffer.concat([group(0x0a156d0000000001n, 2), group(7n, 0)]);
    const families = Buffer.concat([family('nlctrl', 16), family('SMC_NETLINK', 28), done]);
    assert.deepEqual(read(['u', uevent()], ['d', devices], ['g', groups], ['f', families]), [
      'bind 0051:00:00.0',
      'done 0051:00:00.0=1 0052:00:00.0=0',
      'more a156d0000000001=2 7=0',
      'done 28',
    ]);
  });

  it('about other devices are ignored', () => {
    const others: Record<string, string>[] = [
      { PCI_ID: '15B3:1016' },
      { SUBSYSTEM: 'net' },
      { ACTION: 'offline' },
      { PCI_SLOT_NAME: '../../etc' },
      { PCI_SLOT_NAME: '0051:00:00.0"}' },
    ];
    for (const other of others) assert.deepEqual(read(['u', uevent(other)]), ['no'], JSON.stringify(other));
    assert.deepEqual(read(['u', uevent().subarray(0, -1)]), ['no'], 'the last string has no end');
    assert.deepEqual(read(['u', Buffer.alloc(0)]), ['no']);
  });

  it('with missing fields mean unknown use, never no use', () => {
    const bare = message(28, generic());
    const noCount = message(28, generic(attribute(NESTED | 5, attribute(7, text('0051:00:00.0')))));
    const shortCount = message(
      28,
      generic(
        attribute(NESTED | 5, Buffer.concat([attribute(1, u16(1)), attribute(7, text('0051:00:00.0'))])),
      ),
    );
    const noGid = message(28, generic(attribute(NESTED | 4, attribute(5, u32(1)))));
    for (const one of [bare, noCount, shortCount]) assert.match(read(['d', one])[0] ?? '', /^more unknown/);
    assert.match(read(['g', noGid])[0] ?? '', /^more unknown/);
  });

  it('distinguish errors, torn dumps and other requests', () => {
    const torn = message(28, generic(), { flags: 2 | 0x10 });
    const other = message(28, generic(), { seq: SEQ + 1 });
    const refused = message(ERROR, u32(-1 >>> 0));
    assert.deepEqual(read(['d', torn], ['d', Buffer.concat([other, done])], ['d', refused]), [
      'torn',
      'done',
      'error',
    ]);
  });

  it('that are truncated anywhere never count as complete', () => {
    const whole = Buffer.concat([device('0051:00:00.0', 1), done]);
    for (let length = 0; length < whole.length - 4; length++) {
      const [line] = read(['d', whole.subarray(0, length)]).slice(-1);
      assert.doesNotMatch(line ?? '', /^done .*0051.*=1.*=|^done$/, String(length));
    }
  });

  it('with any byte changed cause no error in the reader', function () {
    this.timeout(60_000);
    // A generator with a fixed start, so that a failure can be repeated.
    let state = 0x2545f491;
    const random = (below: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    };
    const samples: readonly (readonly [Kind, Buffer])[] = [
      ['u', uevent()],
      ['d', Buffer.concat([device('0051:00:00.0', 1), device('0052:00:00.0', 0), done])],
      ['g', Buffer.concat([group(1n, 2), group(7n, 0), done])],
      ['f', Buffer.concat([family('nlctrl', 16), family('SMC_NETLINK', 28), done])],
    ];
    const records = Array.from({ length: 40_000 }, (): readonly [Kind, Buffer] => {
      const [kind, sample] = samples[random(samples.length)] ?? assert.fail();
      const data = Buffer.from(sample.subarray(0, random(4) ? sample.length : random(sample.length + 1)));
      for (let changes = random(6); changes > 0 && data.length > 0; changes--)
        data[random(data.length)] = random(3) ? random(256) : random(2) * 255;
      return [kind, data];
    });
    assert.equal(read(...records).length, records.length);
  });
});
