import assert from 'node:assert/strict';
import { ConfigSpace } from './configSpace';
import { SparseMemory } from './sparseMemory';

describe('configuration space', () => {
  const config = new ConfigSpace({ 0: 1n << 48n, 2: 0x1000n, 4: 0x1000n });

  it('keeps what is read-only', () => {
    config.write(0, Buffer.alloc(4, 0xff));
    config.write(0x2c, Buffer.alloc(4, 0xff));
    assert.equal(config.read(0, 4).toString('hex'), '1410ed04');
    assert.equal(config.read(0x2c, 4).toString('hex'), '1410ed04');
  });

  it('takes the bus master bit and BAR addresses', () => {
    config.write(4, Buffer.from([0x06, 0x00]));
    assert.equal(config.read(4, 2).readUInt16LE(), 0x0006);
    const address = Buffer.alloc(8);
    address.writeBigUInt64LE(0x0003_0000_0000_0000n);
    config.write(0x10, address);
    assert.equal(config.read(0x10, 8).readBigUInt64LE(), 0x0003_0000_0000_0004n);
  });

  it('leads from the capability list to MSI-X and MSI', () => {
    const first = config.read(0x34, 1)[0] ?? 0;
    assert.equal(config.read(first, 1)[0], 0x11);
    const second = config.read(first + 1, 1)[0] ?? 0;
    assert.equal(config.read(second, 1)[0], 0x05);
    assert.equal(config.read(second + 1, 1)[0], 0);
  });
});

describe('sparse memory', () => {
  it('reads zero where nothing was written and keeps bytes across pages', () => {
    const memory = new SparseMemory();
    memory.write(0x7fff_ffff_fffcn, Buffer.from('abcdefgh'));
    assert.equal(memory.read(0x7fff_ffff_fffan, 12).toString('latin1'), '\0\0abcdefgh\0\0');
    memory.clear();
    assert.equal(memory.read(0x7fff_ffff_fffcn, 8).toString('latin1'), '\0'.repeat(8));
  });

  it('forgets the oldest page when it is full', () => {
    const memory = new SparseMemory(2);
    for (const page of [0n, 1n, 2n]) memory.write(page << 12n, Buffer.from([7]));
    assert.deepEqual(
      [0n, 1n, 2n].map((page) => memory.read(page << 12n, 1)[0]),
      [0, 7, 7],
    );
  });
});
