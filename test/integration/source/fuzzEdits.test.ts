import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CParser } from '../../../server/syntax/parser';
import { fuzzEdits } from '../../fuzz/edits';

const tree = process.env['ISM_LINUX_SOURCE'] ?? '';

describe('random edits on real drivers', function () {
  this.timeout(120_000);
  for (const file of ['drivers/vfio/pci/ism/main.c', 'drivers/vfio/pci/virtio/main.c'])
    it(`${file}: what the server keeps equals a fresh start (npm run fuzz does more)`, async () => {
      const parser = await CParser.load(path.resolve('dist/server'));
      const text = readFileSync(path.join(tree, file), 'utf8');
      const { differences, firstDifference } = fuzzEdits(parser, text, 200, 7);
      assert.equal(differences, 0, firstDifference);
    });
});
