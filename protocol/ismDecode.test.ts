import assert from 'node:assert/strict';
import { Answer, Command, moveTarget } from '../lab/device/ism/layout';
import {
  answerName,
  decodeControlBlock,
  decodeStoreOffset,
  describeControlBlock,
  describeStoreTarget,
} from './ismDecode';

/** A block of a header and the words that follow it. */
function block(command: number, answer: number, length: number, body = ''): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(command, 0);
  header.writeUInt16BE(answer, 4);
  header.writeUInt16BE(length, 6);
  return Buffer.concat([header, Buffer.from(body.replaceAll(' ', ''), 'hex')]);
}

describe('the offset of a store to ISM', () => {
  it('is token, index, signal and offset in BAR0', () => {
    const offset = 0x1234_0000_0000n | (0x56n << 24n) | (1n << 23n) | 0x7f_fff8n;
    const target = decodeStoreOffset(0, offset, [0x1234_0000_0000n]);
    assert.deepEqual(target, {
      kind: 'move',
      token: '0x123400000000',
      known: true,
      index: 0x56,
      signal: true,
      offset: 0x7f_fff8,
    });
    assert.equal(describeStoreTarget(target), 'token 0x123400000000, index 86, signal, offset 0x7ffff8');
  });

  it('agrees with the simulated function about every part', () => {
    for (const offset of [0n, 1n, 0x7f_ffffn, 0x80_0000n, 0xff00_0000n, 0x1_0000_0000n, (1n << 48n) - 1n]) {
      const target = decodeStoreOffset(0, offset);
      assert.ok(target.kind === 'move');
      const { token, ...rest } = moveTarget(offset);
      assert.deepEqual(
        { token: BigInt(target.token), index: target.index, signal: target.signal, offset: target.offset },
        { token, ...rest },
      );
      assert.equal(target.known, undefined);
    }
  });

  it('says that a token is not known', () => {
    const target = decodeStoreOffset(0, 0x1234_0000_0010n, [0x9999_0000_0000n]);
    assert.ok(target.kind === 'move' && target.known === false);
    assert.match(describeStoreTarget(target), /^token 0x123400000000 \(unknown\), index 0, offset 0x10$/);
  });

  it('is header or body in BAR2', () => {
    const part = (offset: bigint) => describeStoreTarget(decodeStoreOffset(2, offset));
    assert.equal(part(0n), 'command header');
    assert.equal(part(4n), 'command inside header at 0x4');
    assert.equal(part(8n), 'command body at 0x8');
  });

  it('has no meaning past BAR0 and in other regions', () => {
    assert.match(describeStoreTarget(decodeStoreOffset(0, 1n << 48n)), /0x1000000000000 .* past the 256 TiB/);
    assert.equal(decodeStoreOffset(0, -1n).kind, 'outside');
    assert.equal(decodeStoreOffset(4, 0n).kind, 'outside');
  });
});

describe('a command block of ISM', () => {
  const named = (bytes: Uint8Array, direction: 'request' | 'response') =>
    Object.fromEntries(decodeControlBlock(bytes, direction).fields.map(({ name, value }) => [name, value]));

  it('has a name for each command that the simulated function knows', () => {
    const codes = Object.values(Command);
    assert.equal(codes.length, 14);
    for (const code of codes) {
      const { command } = decodeControlBlock(block(code, 0, 8), 'request');
      assert.match(command?.name ?? '', /^ISM_[A-Z_]+$/);
    }
  });

  it('registers a buffer with all fields of the request', () => {
    const bytes = block(
      Command.registerDmb,
      0,
      40,
      '0000000123456000 00010000 00000021 00000001 00001fff 0a156d0000000001',
    );
    assert.deepEqual(named(bytes, 'request'), {
      dmb: '0x123456000',
      dmb_len: 0x10000,
      sba_idx: 0x21,
      vlan_valid: 1,
      vlan_id: 0x1fff,
      rgid: '0xa156d0000000001',
    });
    const { answer, length, notes } = decodeControlBlock(bytes, 'request');
    assert.deepEqual({ answer, length, notes }, { answer: undefined, length: 40, notes: [] });
  });

  it('has the token in the answer', () => {
    const bytes = block(Command.registerDmb, 0, 16, 'fedc000000000000');
    assert.equal(
      describeControlBlock(decodeControlBlock(bytes, 'response')),
      'ISM_REG_DMB, answer 0x0, done, dmb_tok 0xfedc000000000000',
    );
  });

  it('signals, registers a queue and asks for a peer', () => {
    assert.deepEqual(
      named(block(0x0e, 0, 32, 'ffffffffffffffff 00000001 00000007 0000000000000010'), 'request'),
      { rgid: '0xffffffffffffffff', trigger_irq: 1, event_code: 7, info: '0x10' },
    );
    assert.deepEqual(named(block(0x02, 0, 24, '0000000000001000 0000000000000200'), 'request'), {
      ieq: '0x1000',
      len: '0x200',
    });
    assert.deepEqual(named(block(0x09, 0, 24, '0000000000000002 00000000 00000000'), 'request'), {
      rgid: '0x2',
      vlan_valid: 0,
      vlan_id: 0,
    });
  });

  it('shows as many VLANs as the answer counts', () => {
    const body = `00000001 00001000 0000000000000000 0a156d0000000001 0000000000002000 0000000000003000
      00000200 00000000 00000003 00000004 00000001 00000002 0005 1fff ${'0000'.repeat(62)}`;
    const bytes = block(Command.queryInfo, 0, 200, body.replaceAll(/\s/g, ''));
    const fields = named(bytes, 'response');
    assert.equal(fields['my_gid'], '0xa156d0000000001');
    assert.equal(fields['dmbs_used'], 4);
    assert.deepEqual(fields['vlan_id'], [5, 0x1fff]);
    const many = Buffer.from(bytes);
    many.writeUInt32BE(0xffff_ffff, 68);
    assert.equal((named(many, 'response')['vlan_id'] as number[]).length, 64);
  });

  it('names answers where a header or the lab does, and says that others are unknown', () => {
    for (const code of Object.values(Answer)) assert.notEqual(answerName(code), 'unknown answer');
    assert.match(answerName(0xffff), /ISM_ERROR/);
    assert.equal(answerName(0x1234), 'unknown answer');
    const refused = decodeControlBlock(block(Command.registerDmb, 6, 16, 'ff'.repeat(8)), 'response');
    assert.deepEqual(refused.fields, []);
    assert.match(describeControlBlock(refused), /^ISM_REG_DMB, answer 0x6, bad index \(simulated/);
  });

  it('says that a command is unknown', () => {
    const text = describeControlBlock(decodeControlBlock(block(0x42, 0, 16, '00'.repeat(8)), 'request'));
    assert.match(text, /^unknown command 0x42; Command 0x42 is not one of those/);
  });

  it('tells where it is truncated, whatever its length', () => {
    const whole = block(Command.registerDmb, 0, 40, '11'.repeat(32));
    for (let length = 0; length < whole.length; length++) {
      const { notes, fields } = decodeControlBlock(whole.subarray(0, length), 'request');
      assert.equal(notes.length, 1, `${length}`);
      assert.ok(fields.length < 6);
    }
    const short = decodeControlBlock(block(Command.registerDmb, 0, 16, '11'.repeat(32)), 'request');
    assert.match(short.notes[0] ?? '', /truncated at dmb_len: the header states 16 bytes/);
    const cut = decodeControlBlock(whole.subarray(0, 20), 'request');
    assert.match(cut.notes[0] ?? '', /truncated at sba_idx: only 20 bytes are there/);
  });
});
