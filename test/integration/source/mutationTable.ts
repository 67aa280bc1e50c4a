/** One way of breaking a driver: what is replaced, by what, and the rule that has to find it. */
export interface Mutation {
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

/** Ways of breaking real drivers, by the rule that has to find them. */
export const mutations: readonly Mutation[] = [
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
    rule: 'region-access-bounds',
    what: 'the offset is not compared with the size',
    pattern: /\n\tif \((?:off|pos) >= [^;]*;/g,
    replacement: '',
    where: inFunction(/copy_(to|from)_user|io(read|write)|do_io/),
  },
  {
    rule: 'region-access-bounds',
    what: 'the length is not clipped',
    pattern: /\n\tcount = min(?:_t)?\([^;]*;/g,
    replacement: '',
    where: inFunction(/copy_(to|from)_user|io(read|write)/),
  },
  {
    rule: 'region-access-bounds',
    what: 'the end is not compared with the size',
    pattern: /\n\tif \(pos \+ count > [^;]*;/g,
    replacement: '',
  },
  {
    rule: 'pcistb-buffer-alignment',
    what: 'the cache has no alignment',
    pattern: /\n\s+\.align = [^,]*,/g,
    replacement: '',
  },
  {
    rule: 'pcistb-buffer-alignment',
    what: 'the alignment of the cache is zero',
    pattern: /(?<=\n\s+\.align = )[^,]*(?=,)/g,
    replacement: '0',
  },
  {
    rule: 'migration-write-offset',
    what: 'the position is not added to the address',
    pattern: /(?<=copy_(?:to|from)_user\([^;]*) \+ \*(?:pos|offs)(?=[,)])/g,
    replacement: '',
    where: inFunction(/\*(pos|offs) \+= /),
  },
  {
    rule: 'irq-loopback-null-trigger',
    what: 'the trigger is not tested',
    pattern:
      /\n\t+if \(\w+->trigger\)(?=\n\t+eventfd_signal)|(?<=\(trigger) && \w+->trigger(?=\)\n\t+eventfd_signal)|\n\t+if \(!vdev->\w+\[i\]\.trigger\)\n\t+continue;/g,
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
    where: (text) => text.includes('__zpci_load'),
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
    where: (text, offset) =>
      /OFFSET_TO_INDEX\(\*ppos\)[^]*\[index\]/.test(functionAt(text, offset)) &&
      // It gives zero for an index beyond the table, so that nothing is accessed there.
      !functionAt(text, offset).includes('array_index_nospec'),
  },
  {
    rule: 'ops-region-info-dead',
    what: 'the slot is gone',
    pattern: /\n\t\.get_region_info_caps\s*=[^,]*,/g,
    replacement: '',
    where: (text) => /vfio_pci_core_init_dev/.test(text),
  },
];
