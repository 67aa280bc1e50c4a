import assert from 'node:assert/strict';
import { instructionWords } from './storeInstruction';

describe('what is said of a store', () => {
  it('is one PCISTB where ism_vfio_pci drives', () =>
    assert.match(instructionWords(['ism_vfio_pci', 'ism_vfio_pci']), /one PCISTB instruction\.$/));
  for (const drivers of [['vfio-pci'], ['ism_vfio_pci', 'vfio-pci']])
    it(`names how vfio-pci splits it: ${drivers.join(', ')}`, () =>
      assert.match(
        instructionWords(drivers),
        /splits into stores of 8, 4, 2 and 1 bytes.*none of them is a PCISTB/,
      ));
  it('claims nothing of a driver that is not known', () => {
    assert.match(instructionWords(['my_ism']), /what my_ism makes of it is not known/);
    for (const drivers of [[], [null]])
      assert.match(instructionWords(drivers), /under ism_vfio_pci one PCISTB/);
  });
});
