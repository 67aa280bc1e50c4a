import assert from 'node:assert/strict';
import type { RegionAnswer } from '../../protocol/helper';
import { auditRegions, auditText } from './regionAudit';

const answered = (index: number, size: string, shift = 48n): RegionAnswer => ({
  index,
  flags: size === '0x0' ? 0 : 3,
  size,
  offset: `0x${(BigInt(index) << shift).toString(16)}`,
  window: `0x${(1n << shift).toString(16)}`,
});
const refused = (index: number): RegionAnswer => ({ index, error: 'EINVAL', message: 'Invalid argument' });
const resources = [
  { index: 0, start: '0x0', end: '0xffffffffffff', flags: '0x140204' },
  { index: 2, start: '0x1000', end: '0x1fff', flags: '0x140204' },
];
/** As ism-vfio-pci of Linux 7.2 answers. */
const ism = [
  answered(0, '0x1000000000000'),
  answered(1, '0x0'),
  answered(2, '0x1000'),
  refused(6),
  answered(7, '0x1000'),
  refused(8),
  refused(9),
  refused(10),
];

describe('the region audit', () => {
  it('marks the index that vfio-pci answers, and no other refusal', () =>
    assert.deepEqual(
      auditRegions(ism, resources).map(({ kind }) => kind),
      ['same', 'same', 'differs', 'odd', 'differs', 'same', 'same', 'same'],
    ));

  it('finds nothing to say of vfio-pci itself', () => {
    const plain = [
      answered(0, '0x1000000000000', 40n),
      answered(1, '0x0', 40n),
      answered(6, '0x0', 40n),
      answered(7, '0x1000', 40n),
      refused(8),
      refused(9),
    ];
    assert.ok(auditRegions(plain, resources).every(({ kind }) => kind === 'same'));
  });

  it('notices a size that is not that of the PCI resource, and a region of the driver', () => {
    const [bar2, own] = auditRegions([answered(2, '0x800', 40n), answered(9, '0x1000')], resources);
    assert.match(bar2?.verdict ?? '', /^own size$/);
    assert.match(own?.verdict ?? '', /^own region$/);
  });

  it('has one line a row, which says the same as the row', () => {
    const rows = auditRegions(ism, resources);
    const subject = {
      host: 'lab\u001b[0m',
      address: '0051:00:00.0',
      driver: 'ism_vfio_pci',
      kernel: '7.2',
      numRegions: 9,
      time: '2026-11-22T12:00:00Z',
    };
    const { text, lines } = auditText(subject, rows);
    const written = text.split('\n');
    assert.equal(lines.length, rows.length);
    const rom = written[lines[3] ?? 0] ?? '';
    assert.match(rom, /^! {2}6 {2,}ROM +REFUSED, vfio-pci answers +EINVAL +size 0x0 ---- at 0x60000000000$/);
    assert.match(
      written[lines[0] ?? 0] ?? '',
      /BAR0 +as vfio-pci +0x1000000000000 +rw-- +0x0 +size 0x1000000000000 rw-- at 0x0$/,
    );
    assert.ok(!text.includes('\u001b'));
    assert.match(text, /^own offset: programs must take it from the driver/m);
    assert.ok(!text.includes('own size:'));
    assert.match(text, /1 index is refused that vfio-pci answers/);
  });
});
