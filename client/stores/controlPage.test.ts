import assert from 'node:assert/strict';
import { decodeControlPage } from './controlPage';
import { wordDump } from './wordDump';

const page = (digits: string): Uint8Array => Buffer.from(digits.replace(/\s/g, ''), 'hex');

describe('the control page, decoded', () => {
  it('a response, told by its length', () => {
    const text = decodeControlPage(page('00000003 0000 0010 0123456789abcdef 00000000')) ?? '';
    assert.match(text, /\+0x00 {2}cmd +0x00000003 +ISM_READ_GID/);
    assert.match(text, /a response, by its length/);
    assert.match(text, /\+0x08 {2}gid +0x0123456789abcdef/);
  });
  it('a request', () => {
    const text =
      decodeControlPage(
        page('0000000a 0000 0028 0000000100002000 00001000 00000002 00000000 00000000 00000000000000ff'),
      ) ?? '';
    assert.match(text, /a request, by its length/);
    assert.match(text, /\+0x10 {2}dmb_len +0x00001000/);
    assert.match(text, /\+0x20 {2}rgid +0x00000000000000ff/);
  });
  it('as many VLAN ids as the page counts', () => {
    const response = Buffer.alloc(200);
    response.writeUInt32BE(8, 0);
    response.writeUInt16BE(200, 6);
    response.writeUInt32BE(2, 68);
    response.writeUInt16BE(0x123, 74);
    const text = decodeControlPage(response) ?? '';
    assert.match(text, /\+0x44 {2}vlan_nr_ids +0x00000002/);
    assert.match(text, /\+0x4a {2}vlan_id\[1\] +0x0123/);
    assert.ok(!text.includes('vlan_id[2]'));
  });
  it('says what it cannot know', () => {
    assert.match(decodeControlPage(page('00000055 0000 0008')) ?? '', /no command of ism\.h/);
    assert.match(decodeControlPage(page('00000003 0000 0044')) ?? '', /neither a request nor a response/);
    assert.match(
      decodeControlPage(page('00000003 0000 0010 01')) ?? '',
      /was not read; read 16 bytes or more/,
    );
    assert.match(decodeControlPage(page('00000006 0000 0008')) ?? '', /look the same/);
    assert.equal(decodeControlPage(page('000000')), undefined);
  });
});

describe('words of a region', () => {
  const data = page('0011223344556677 8899aabbccddeeff 0102');
  it('in both orders', () => {
    assert.equal(wordDump(data, 0n, 4, 'be').split('\n')[0], '00000000  00112233 44556677 8899aabb ccddeeff');
    assert.equal(wordDump(data, 0n, 4, 'le').split('\n')[0], '00000000  33221100 77665544 bbaa9988 ffeeddcc');
    assert.equal(wordDump(data, 0x1000n, 2, 'le').split('\n')[0]?.slice(0, 19), '00001000  1100 3322');
  });
  it('cut short are shown so', () => {
    assert.equal(wordDump(data, 0n, 8, 'be').split('\n')[1], '00000010  0102------------');
    assert.equal(wordDump(data, 0n, 4, 'le').split('\n')[1], '00000010  ----0201');
  });
});
