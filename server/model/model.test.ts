import assert from 'node:assert/strict';
import path from 'node:path';
import { CParser } from '../syntax/parser';
import { constantValue } from './constantValue';
import { FamilyJudge } from './family';
import { Project } from './project';
import { answersFor, regionInfoHandlers, type Answer } from './regionInfo';

describe('constants', () => {
  const values: [text: string, value: number | undefined][] = [
    ['48', 48],
    ['0x10UL', 16],
    ['(((u64)(1) << 4) - 1)', 15],
    ['VFIO_PCI_NUM + 2 * 3', 15],
    ['-(1 + 2)', -3],
    ['(BIT(1) | BIT(3))', 10],
    ['UNKNOWN + 1', undefined],
    ['f(1)', undefined],
    ['1 +', undefined],
    ['(1', undefined],
    ['1 2', undefined],
    ['', undefined],
  ];
  for (const [text, value] of values)
    it(`reads '${text}'`, () =>
      assert.equal(
        constantValue(text, (name) => (name === 'VFIO_PCI_NUM' ? 9 : undefined)),
        value,
      ));
});

describe('the model', () => {
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(path.resolve('dist/server'));
  });

  function project(files: Record<string, string>): Project {
    const made = new Project(parser);
    for (const [file, text] of Object.entries(files)) made.add(file, text);
    return made;
  }

  it('knows the constants of a file, of its folder and of the kernel', () => {
    const made = project({
      'd/a.h':
        'enum region { FIRST = VFIO_PCI_NUM_REGIONS, SECOND, THIRD = SECOND + 4 };\n#define LAST (THIRD)\n',
      'd/a.c':
        '#define OWN (LAST + 1)\n#define ROUND ROUND2\n#define ROUND2 ROUND\nint f(void) { return 0; }\n',
      'e/b.c': '#define FAR 1\n',
    });
    const from = made.file('d/a.c')?.functions.get('f')?.[0];
    assert.ok(from);
    const names = ['SECOND', 'LAST', 'OWN', 'VFIO_PCI_ROM_REGION_INDEX', 'EINVAL', 'ROUND', 'FAR', 'NOTHING'];
    assert.deepEqual(
      names.map((name) => made.constant(name, from)),
      [10, 14, 15, 6, 22, undefined, undefined, undefined],
    );
  });

  it('finds a function in its own file, then in its folder, then anywhere, and never a static one of another file', () => {
    const made = project({
      'd/a.c':
        'static int one(void) { return 1; }\nint user(void) { return one() + two() + three() + four(); }\n',
      'd/b.c':
        'int one(void) { return 2; }\nint two(void) { return 2; }\nstatic int four(void) { return 4; }\n',
      'e/c.c': 'int two(void) { return 3; }\nint three(void) { return 3; }\n',
    });
    const from = made.file('d/a.c');
    assert.ok(from);
    const where = (name: string): string[] =>
      made.definitions(name, from).map((each) => each.file.source.path);
    assert.deepEqual(where('one'), ['d/a.c']);
    assert.deepEqual(where('two'), ['d/b.c']);
    assert.deepEqual(where('three'), ['e/c.c']);
    assert.deepEqual(where('four'), []);
  });

  it('tells which drivers are built on vfio-pci-core', () => {
    const table = (slots: string): string => `static const struct vfio_device_ops ops = { ${slots} };\n`;
    const judged = (files: Record<string, string>): boolean => {
      const made = project(files);
      const [ops] = made.paths.flatMap((file) => made.opsTables(file));
      assert.ok(ops);
      return new FamilyJudge(made).isPciCore(ops);
    };
    assert.equal(judged({ 'a.c': table('.read = vfio_pci_core_read') }), true);
    assert.equal(judged({ 'a.c': table('.read = my_read') }), false);
    assert.equal(judged({ 'a.c': table('.bind_iommufd = vfio_iommufd_physical_bind') }), false);
    const open = 'int my_open(struct vfio_device *v) { return my_enable(v); }\n';
    const enable = 'int my_enable(struct vfio_device *v) { return vfio_pci_core_enable(v); }\n';
    assert.equal(judged({ 'a.c': table('.open_device = my_open'), 'b.c': open, 'c.c': enable }), true);
    const probe = 'int probe(void) { vfio_alloc_device(my, core.vdev, dev, &ops); return 0; }\n';
    const embeds = 'struct my { struct vfio_pci_core_device core; };\n';
    const points = 'struct my { struct vfio_pci_core_device *core; };\n';
    assert.equal(judged({ 'a.c': embeds + table('.name = "x"') + probe }), true);
    assert.equal(judged({ 'a.c': points + table('.name = "x"') + probe }), false);
  });

  it('says how a handler answers for each index', () => {
    const made = project({
      'a.c': `
static int info_caps(struct vfio_device *v, struct vfio_region_info *info, struct vfio_info_cap *caps)
{
	if (busy(v))
		return -EBUSY;
	switch (info->index) {
	case 0 ... 5: info->size = bar_size(v, info->index); return 0;
	case VFIO_PCI_ROM_REGION_INDEX: info->size = 0; return 0;
	case VFIO_PCI_CONFIG_REGION_INDEX: return vfio_pci_ioctl_get_region_info(v, info, caps);
	case VFIO_PCI_VGA_REGION_INDEX: return 0;
	case VFIO_PCI_NUM_REGIONS: return ask_stranger(v, info);
	}
	return -EINVAL;
}
static const struct vfio_device_ops ops = { .get_region_info_caps = info_caps, .read = vfio_pci_core_read };
`,
    });
    const [table] = made.opsTables('a.c');
    assert.ok(table);
    const [handler] = regionInfoHandlers(made, table);
    assert.ok(handler);
    const kinds = (index: number): Answer['kind'][] =>
      [...new Set(answersFor(made, handler, index)?.map((answer) => answer.kind))].sort();
    assert.deepEqual(kinds(3), ['described', 'refused']);
    assert.deepEqual(kinds(6), ['empty', 'refused']);
    assert.deepEqual(kinds(7), ['delegated', 'refused']);
    assert.deepEqual(kinds(8), ['refused', 'untouched']);
    assert.deepEqual(kinds(9), ['refused', 'unknown']);
    assert.deepEqual(kinds(10), ['refused']);
  });
});
