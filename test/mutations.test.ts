import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { analyse } from '../server/lint/analyse';
import { Project } from '../server/model/project';
import { CParser } from '../server/syntax/parser';

/** One way of breaking a driver: what is replaced, by what, and the rule that has to find it. */
interface Mutation {
  readonly rule: string;
  readonly what: string;
  readonly pattern: RegExp;
  readonly replacement: string;
  /** Where in the file it makes sense; everywhere when left out. */
  readonly where?: (text: string, offset: number) => boolean;
}

/** The text of the function around an offset. */
function functionAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n}', offset) + 2;
  const end = text.indexOf('\n}', offset);
  return text.slice(start, end < 0 ? text.length : end);
}

const inFunction =
  (pattern: RegExp) =>
  (text: string, offset: number): boolean =>
    pattern.test(functionAt(text, offset));

const mutations: readonly Mutation[] = [
  {
    rule: 'region-info-unknown-index',
    what: 'refuses instead of delegating',
    pattern: /return vfio_pci_ioctl_get_region_info\([^;]*;/g,
    replacement: 'return -EINVAL;',
  },
  {
    rule: 'region-rw-unknown-index',
    what: 'refuses instead of delegating',
    pattern: /(?<=\n\t)return vfio_pci_core_(read|write)\([^;]*;/g,
    replacement: 'return -EINVAL;',
    where: (text, offset) =>
      /loff_t \*ppos\)/.test(functionAt(text, offset)) &&
      /OFFSET_TO_INDEX/.test(functionAt(text, offset)) &&
      !/\n\tif \([^\n]*\)\n\t\treturn vfio_pci_core/.test(functionAt(text, offset).slice(0, 40)),
  },
  {
    rule: 'region-offset-macro-mismatch',
    what: "decodes with the core's shift",
    pattern: /(?<!define )ISM_VFIO_PCI_OFFSET_TO_INDEX\(\*ppos\)/g,
    replacement: 'VFIO_PCI_OFFSET_TO_INDEX(*ppos)',
  },
  {
    rule: 'region-offset-macro-mismatch',
    what: "encodes with the core's shift",
    pattern: /(?<!define )ISM_VFIO_PCI_INDEX_TO_OFFSET\(info->index\)/g,
    replacement: 'VFIO_PCI_INDEX_TO_OFFSET(info->index)',
  },
  {
    rule: 'pcistb-length-page',
    what: 'a check of the store is gone',
    pattern:
      /\tif \((count > zdev->maxstbl|\(\(off % PAGE_SIZE\) \+ count\) > PAGE_SIZE)\)\n\t\treturn -EINVAL;/g,
    replacement: '',
  },
  {
    rule: 'zpci-mio-access',
    what: 'a load becomes an MIO access',
    pattern: /__zpci_load\(&tmp, req, off\)/g,
    replacement: '(tmp = ioread64(zdev->bar + off), 0)',
  },
  {
    rule: 'copy-user-raw-return',
    what: 'the number of bytes is returned',
    pattern: /(?<=return copy_(?:to|from)_user\([^;?]*)\s*\?\s*-EFAULT\s*:\s*0(?=;)/g,
    replacement: '',
  },
  {
    rule: 'copy-user-raw-return',
    what: 'the result is not turned into an error',
    pattern: /(?<=ret = copy_(?:to|from)_user\([^;]*;\n\t+if \(ret\) \{\n\t+)ret = -EFAULT;/g,
    replacement: '',
  },
  {
    rule: 'set-irqs-unvalidated',
    what: 'the request is not validated',
    pattern: /ret = vfio_set_irqs_validate_and_prepare\([^;]*;\n\t+if \(ret\)\n?\s*return ret;/g,
    replacement: '',
    where: inFunction(/memdup_user/),
  },
  {
    rule: 'vfio-device-leak',
    what: 'the device is not put',
    pattern: /(?<=\n\t+)vfio_put_device\([^;]*;(?=\n\treturn ret;)/g,
    replacement: ';',
    where: inFunction(/vfio_alloc_device/),
  },
  {
    rule: 'use-after-vfio-put',
    what: 'the device is used after the put',
    pattern: /vfio_put_device\(&(\w+)->([\w.]+)\);/g,
    replacement: 'vfio_put_device(&$1->$2);\n\tkfree($1->leftover);',
  },
  {
    rule: 'usercopy-whitelist',
    what: 'the cache has no usercopy region',
    pattern: /\n\s+\.usersize = [^,]*,/g,
    replacement: '',
  },
  {
    rule: 'zpci-return-ignored',
    what: 'the result of a store is not tested',
    pattern: /ret = (__zpci_store_block\([^;]*\));\n\tif \(ret\)\n\t\tgoto out_free;/g,
    replacement: '$1;',
  },
  {
    rule: 'zpci-return-ignored',
    what: 'the result of a load is not tested',
    pattern: /(ret = __zpci_load\([^;]*;\s*\\\n)\t+if \(ret\)\s*\\\n\t+return ret;\s*\\\n/g,
    replacement: '$1',
  },
  {
    rule: 'zpci-load-partial-copy',
    what: 'the wide value is copied',
    pattern: /copy_to_user\(buf, &val, sizeof\(val\)\)/g,
    replacement: 'copy_to_user(buf, &tmp, sizeof(u32))',
  },
  {
    rule: 'missing-err-handler',
    what: 'a member is gone',
    pattern: /\n\t\.(err_handler|driver_managed_dma)\s*=\s*[^,]*,/g,
    replacement: '',
    where: (text) => /vfio_pci_core_register_device/.test(text),
  },
  {
    rule: 'release-pairing',
    what: 'the device is not released',
    pattern: /\n\t\.release\s*=\s*vfio_pci_core_release_dev,|\tvfio_pci_core_release_dev\(core_vdev\);/g,
    replacement: '',
    where: (text, offset) =>
      text[offset] === '\n' || !/vfio_pci_core_init_dev/.test(functionAt(text, offset)),
  },
  {
    rule: 'drvdata-before-register',
    what: 'the driver data is not set',
    pattern: /(dev|pci)_set_drvdata\([^;]*;/g,
    replacement: ';',
    where: inFunction(/vfio_pci_core_register_device/),
  },
  {
    rule: 'region-table-index-unchecked',
    what: 'the bound of the index is gone',
    pattern: /\n\tif \(index >= [^;]*;/g,
    replacement: '',
    where: inFunction(/OFFSET_TO_INDEX\(\*ppos\)[^]*\[index\]/),
  },
  {
    rule: 'ops-region-info-dead',
    what: 'the slot is gone',
    pattern: /\n\t\.get_region_info_caps\s*=[^,]*,/g,
    replacement: '',
    where: (text) => /vfio_pci_core_init_dev/.test(text),
  },
];

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) yield* sources(full);
    else if (/\.[ch]$/.test(name)) yield full;
  }
}

describe('real drivers that were broken', function () {
  this.timeout(300_000);

  it('are found in at least 95 of 100 cases, rule by rule', async () => {
    assert.ok(process.env.ISM_LINUX_SOURCE, 'ISM_LINUX_SOURCE must name the Linux source.');
    const parser = await CParser.load(path.resolve('dist/server'));
    const pci = path.join(process.env.ISM_LINUX_SOURCE, 'drivers/vfio/pci');
    const score = new Map<string, { made: number; found: number }>();
    const missed: string[] = [];
    const vfio = path.dirname(pci);
    const folders = readdirSync(pci).map((name) => path.join('pci', name));
    for (const driver of [...folders, 'platform', 'fsl-mc', 'cdx'].filter((name) =>
      statSync(path.join(vfio, name)).isDirectory(),
    )) {
      const texts = new Map(
        [...sources(path.join(vfio, driver))].map((file) => [file, readFileSync(file, 'utf8')]),
      );
      // A second driver of the same kernel, so that what the kernel asks for is known.
      const peer = path.join(pci, 'vfio_pci.c');
      const original = new Project(parser);
      for (const [file, text] of [...texts, [peer, readFileSync(peer, 'utf8')] as const])
        original.add(file, text);
      const before = analyse(original, () => true).findings;
      for (const [file, text] of texts)
        for (const { rule, what, pattern, replacement, where } of mutations)
          for (const match of text.matchAll(pattern)) {
            if (where && !where(text, match.index)) continue;
            const mutant =
              text.slice(0, match.index) +
              replacement.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '') +
              text.slice(match.index + match[0].length);
            const project = new Project(parser, original);
            for (const [each, own] of texts) project.add(each, each === file ? mutant : own);
            project.add(peer, readFileSync(peer, 'utf8'));
            const count = (list: readonly { rule: string }[]): number =>
              list.filter((each) => each.rule === rule).length;
            const found = count(analyse(project, () => true).findings) > count(before);
            const entry = score.get(rule) ?? { made: 0, found: 0 };
            score.set(rule, { made: entry.made + 1, found: entry.found + (found ? 1 : 0) });
            if (!found)
              missed.push(
                `${driver}/${path.basename(file)}:${text.slice(0, match.index).split('\n').length}: ${rule}: ${what}`,
              );
          }
    }
    for (const [rule, { made, found }] of score)
      console.log(`      ${rule.padEnd(32)} ${String(found).padStart(4)} of ${String(made).padStart(4)}`);
    for (const [rule, { made, found }] of score)
      assert.ok(found >= 0.95 * made, `${rule}: ${found} of ${made}\n${missed.join('\n')}`);
    assert.ok(score.size >= 13, `${score.size} rules were tried`);
  });
});
