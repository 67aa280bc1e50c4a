import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { driverSource, modulesOf } from './driverSource';
import { copySources } from './sourceCopy';
import { symbolsOf } from './sourceLines';

describe('a driver in the workspace', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ism-source-'));
    folder = path.join(root, 'tree/toy');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'Makefile'), 'obj-$(CONFIG_TOY) += toy-pci.o\ntoy-pci-y := main.o\n');
    writeFileSync(path.join(folder, 'main.c'), '#include "../priv.h"\n');
    writeFileSync(path.join(root, 'tree/priv.h'), '\n');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is read from its Makefile', () => {
    assert.deepEqual(driverSource(folder, root), {
      ...{ folder, root, module: 'toy-pci', option: 'CONFIG_TOY', makefile: 'Makefile' },
    });
    assert.deepEqual(modulesOf('obj-m := a.o \\\n  b_2.o # c.o\nccflags-y += -Ix.o\n'), [
      { module: 'a', option: undefined },
      { module: 'b_2', option: undefined },
    ]);
    writeFileSync(path.join(folder, 'Kbuild'), 'obj-m := a.o b.o\n');
    assert.throws(() => driverSource(folder, root), /builds several modules \(a, b\)/);
    assert.throws(() => driverSource(root, root), /has no Makefile that builds a module/);
  });

  it('is copied with the headers above it, and only what changed is written again', async () => {
    const storage = path.join(root, 'storage');
    const copy = () => copySources(driverSource(folder, root), storage, ['-DX']);
    const first = await copy();
    const at = (name: string): string => path.join(first.folder, name);
    assert.match(readFileSync(at('Makefile'), 'utf8'), /ccflags-y \+= -DX\n$/);
    assert.ok(existsSync(at('../priv.h')));
    assert.equal(first.original('main.c'), path.join(folder, 'main.c'));
    assert.equal(first.original(at('../priv.h')), path.join(root, 'tree/priv.h'));
    for (const other of ['/etc/passwd', '../../../../main.c', 'main.o'])
      assert.equal(first.original(other), undefined);
    const before = statSync(at('main.c')).mtimeMs;
    writeFileSync(path.join(folder, 'main.c'), '#include "../priv.h"\n');
    await copy();
    assert.equal(statSync(at('main.c')).mtimeMs, before);
    rmSync(path.join(root, 'tree/priv.h'));
    writeFileSync(at('main.o'), 'product');
    await copy();
    assert.ok(!existsSync(at('../priv.h')));
    assert.ok(existsSync(at('main.o')));
  });

  it('has its functions in the table of symbols', () =>
    assert.deepEqual(
      symbolsOf(
        [
          '0000000000000000 l    d  .text\t0000000000000000 .text',
          '0000000000000040 l     F .text\t00000000000000a8 toy_open',
          '0000000000000000 g     F .init.text\t0000000000000010 .hidden init_module',
          '0000000000000000         *UND*\t0000000000000000 kfree',
        ].join('\n'),
      ),
      [
        { name: 'toy_open', section: '.text', value: 0x40, size: 0xa8 },
        { name: 'init_module', section: '.init.text', value: 0, size: 0x10 },
      ],
    ));
});
