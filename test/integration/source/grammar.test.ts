import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { INITIAL, parseRawGrammar, Registry, type IGrammar } from 'vscode-textmate';

const injection = path.resolve('syntaxes/vfio-c.injection.tmLanguage.json');
const bases: [name: string, file: string][] = [
  ['a stand-in', path.resolve('test/fixtures/standInC.tmLanguage.json')],
];
// VS Code's own C grammar is no npm package; whoever has a VS Code at hand names its file here.
if (process.env.ISM_C_GRAMMAR) bases.push(["VS Code's grammar", process.env.ISM_C_GRAMMAR]);

/** The C grammar of a base with the injection, as VS Code combines them. */
async function load(base: string): Promise<IGrammar> {
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: (scope) => {
      const file = scope === 'source.c' ? base : scope === 'ism.vfio.injection' ? injection : undefined;
      return Promise.resolve(file ? parseRawGrammar(readFileSync(file, 'utf8'), file) : null);
    },
    getInjections: (scope) => (scope === 'source.c' ? ['ism.vfio.injection'] : undefined),
  });
  const grammar = await registry.loadGrammar('source.c');
  assert.ok(grammar);
  return grammar;
}

/** The scopes of every token of a text that the injection marked, by the spelling of the token. */
function marked(grammar: IGrammar, text: string): Map<string, string> {
  const found = new Map<string, string>();
  let state = INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) {
      const own = token.scopes.filter((scope) => /\.(vfio|zpci|vfio-pci-core)$/.test(scope));
      const last = own.filter((scope) => !scope.startsWith('meta.')).at(-1);
      if (last) found.set(line.slice(token.startIndex, token.endIndex).trim(), last);
    }
  }
  return found;
}

const driver = `
/* VFIO_PCI_ROM_REGION_INDEX in a comment, and vfio_pci_core_read() */
#define FOO_SHIFT 48
static int foo_info(struct vfio_device *core_vdev, struct vfio_region_info *info)
{
	const char *text = "VFIO_DEVICE_GET_INFO \\" __zpci_load()";
	struct zpci_dev *zdev = to_zpci(pdev); // ZPCI_CREATE_REQ

	switch (info->index) {
	case VFIO_PCI_BAR0_REGION_INDEX ... VFIO_PCI_BAR5_REGION_INDEX:
		info->flags = VFIO_REGION_INFO_FLAG_READ;
		return __zpci_store_block(data, ZPCI_CREATE_REQ(fh, bar, 8), off);
	default:
		return vfio_pci_ioctl_get_region_info(core_vdev, info, caps);
	}
	ret = ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info);
	zpci_report_error(pdev, &report);
	foo->read = other.write;
	index = VFIO_PCI_MSI_IRQ_INDEX + VFIO_PCI_NUM_REGIONS + VFIO_TYPE1_IOMMU;
	feature = VFIO_DEVICE_FEATURE_MIGRATION;
}

static const struct file_operations foo_fops = {
	.read = foo_file_read,
};

static const struct vfio_device_ops foo_ops = {
	.name = "foo",
	.init = vfio_pci_core_init_dev,
	.get_region_info_caps = foo_info,
	.read	= vfio_pci_core_read, /* .write = nothing */
	.bind_iommufd = vfio_iommufd_physical_bind,
};

int after = VFIO_PCI_VGA_REGION_INDEX;
`;

describe('the grammar of VFIO and zPCI names', () => {
  before(async () => {
    const wasm = readFileSync(path.resolve('node_modules/vscode-oniguruma/release/onig.wasm'));
    await loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  });

  for (const [name, file] of bases) {
    describe(`on ${name}`, () => {
      let names: Map<string, string>;
      before(async () => {
        assert.ok(existsSync(file), `ISM_C_GRAMMAR names ${file}, which does not exist.`);
        names = marked(await load(file), driver);
      });

      const expected: Record<string, string> = {
        VFIO_PCI_BAR0_REGION_INDEX: 'support.constant.region-index.vfio',
        VFIO_PCI_BAR5_REGION_INDEX: 'support.constant.region-index.vfio',
        VFIO_PCI_NUM_REGIONS: 'support.constant.region-index.vfio',
        VFIO_PCI_MSI_IRQ_INDEX: 'support.constant.irq-index.vfio',
        VFIO_REGION_INFO_FLAG_READ: 'support.constant.flag.vfio',
        VFIO_DEVICE_GET_REGION_INFO: 'support.constant.ioctl.vfio',
        VFIO_DEVICE_FEATURE_MIGRATION: 'support.constant.feature.vfio',
        VFIO_TYPE1_IOMMU: 'support.constant.vfio',
        ZPCI_CREATE_REQ: 'support.constant.zpci',
        __zpci_store_block: 'support.function.instruction.zpci',
        zpci_report_error: 'support.function.zpci',
        vfio_pci_ioctl_get_region_info: 'support.function.vfio-pci-core',
        vfio_pci_core_init_dev: 'support.function.vfio-pci-core',
        vfio_iommufd_physical_bind: 'support.function.vfio',
        vfio_region_info: 'support.type.vfio',
        vfio_device_ops: 'support.type.vfio',
        zpci_dev: 'support.type.zpci',
        get_region_info_caps: 'support.variable.property.ops-slot.vfio',
        read: 'support.variable.property.ops-slot.vfio',
        bind_iommufd: 'support.variable.property.ops-slot.vfio',
      };
      for (const [word, scope] of Object.entries(expected))
        it(`marks ${word}`, () => assert.equal(names.get(word), scope));

      it('goes on behind the table of operations', () =>
        assert.equal(names.get('VFIO_PCI_VGA_REGION_INDEX'), 'support.constant.region-index.vfio'));

      it('marks nothing in comments and strings', () => {
        for (const word of ['VFIO_PCI_ROM_REGION_INDEX', 'VFIO_DEVICE_GET_INFO', '__zpci_load'])
          assert.equal(names.get(word), undefined, word);
      });

      it('marks the names of slots in a table of vfio operations only', async () => {
        const other =
          'static const struct file_operations f = {\n\t.read = a,\n\t.write = b,\n};\nx.ioctl = c;';
        assert.deepEqual([...marked(await load(file), other).keys()], []);
      });

      it('leaves names alone that only look alike', async () => {
        const alike = 'int MY_VFIO_FLAG, xvfio_pci_core_read, zpci, vfio, vfio_device_count;';
        assert.deepEqual([...marked(await load(file), alike).keys()], []);
      });
    });
  }
});
