import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lint } from '../../../server/commandLine/lintFiles';
import { applyFixes } from '../../../server/lint/fixes';
import { openSetup } from '../../../setup/context';
import { crossCompiler } from '../../../setup/cross';
import { guestKernel } from '../../../setup/kernel';
import { mustRun } from '../../../setup/run';

const wasm = path.resolve('dist/server');
const driver = 'drivers/vfio/pci/ism/main.c';

/** Builds a driver as a module for the guest's kernel, and says where the module is. */
async function build(driverFolder: string): Promise<string> {
  const setup = openSetup();
  const kernel = await guestKernel(setup);
  const cross = await crossCompiler(setup);
  writeFileSync(path.join(driverFolder, 'Makefile'), 'obj-m := ism-vfio-pci.o\nism-vfio-pci-y := main.o\n');
  const args = ['ARCH=s390', `CROSS_COMPILE=${cross.prefix}`, `CC=${cross.prefix}gcc`, '-C', kernel.build];
  await mustRun('build the fixed driver', cross.make, [...args, `M=${driverFolder}`, 'modules'], {
    env: { PATH: `${kernel.tools}:${cross.env.PATH}` },
    log: path.join(setup.cache, 'logs', 'fixed-driver.log'),
  });
  return path.join(driverFolder, 'ism-vfio-pci.ko');
}

describe('the fix for regions that the ISM driver does not handle', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => {
    assert.ok(process.env.ISM_LINUX_SOURCE, 'ISM_LINUX_SOURCE must name the Linux source.');
    folder = mkdtempSync(path.join(tmpdir(), 'ism-fix-'));
    cpSync(
      path.join(process.env.ISM_LINUX_SOURCE, 'drivers/vfio/pci'),
      path.join(folder, 'drivers/vfio/pci'),
      {
        recursive: true,
      },
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is one edit on both sides, leaves nothing to find, and builds as an s390 module', async () => {
    const file = path.join(folder, driver);
    const before = await lint([file], wasm);
    assert.deepEqual(before.findings.map((finding) => finding.rule).sort(), [
      'region-info-unknown-index',
      'region-rw-unknown-index',
    ]);
    assert.equal(
      applyFixes(before.findings, before.textOf, false).texts.size,
      0,
      'it is not safe to apply unseen',
    );
    const { texts, left } = applyFixes(before.findings, before.textOf, true);
    assert.deepEqual([[...texts.keys()], left], [[file], 0]);
    const fixed = texts.get(file) ?? '';
    assert.match(fixed, /vfio_pci_ioctl_get_region_info\(core_vdev, info, caps\)/);
    assert.match(fixed, /info->offset = ISM_VFIO_PCI_INDEX_TO_OFFSET\(info->index\);\n\t\treturn 0;/);
    assert.match(fixed, /vfio_pci_core_read\(core_vdev, buf, count, &core_pos\)/);
    assert.match(fixed, /vfio_pci_core_write\(core_vdev, buf, count, &core_pos\)/);
    writeFileSync(file, fixed);
    assert.deepEqual((await lint([file], wasm)).findings, []);

    const module = await build(path.join(folder, 'drivers/vfio/pci/ism'));
    assert.ok(existsSync(module));
  });

  it('turns the naive fix into the right one', async () => {
    const file = path.join(folder, driver);
    const naive = readFileSync(path.join(process.env.ISM_LINUX_SOURCE ?? '', driver), 'utf8').replace(
      /\t\tinfo->offset = 0;\n\t\tinfo->size = 0;\n\t\tinfo->flags = 0;\n\t\treturn -EINVAL;/,
      '\t\treturn vfio_pci_ioctl_get_region_info(core_vdev, info, caps);',
    );
    writeFileSync(file, naive);
    const before = await lint([file], wasm);
    assert.deepEqual(before.findings.map((finding) => finding.rule).sort(), [
      'region-offset-macro-mismatch',
      'region-rw-unknown-index',
    ]);
    const { texts } = applyFixes(before.findings, before.textOf, true);
    writeFileSync(file, texts.get(file) ?? '');
    assert.deepEqual((await lint([file], wasm)).findings, []);
  });
});
