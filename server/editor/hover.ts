/** What an identifier of VFIO or zPCI means, with its limits; sources: include/uapi/linux/vfio.h, arch/s390/include/asm/pci_insn.h, pci_io.h. */
const meanings: Readonly<Record<string, string>> = {
  VFIO_DEVICE_GET_INFO:
    'ioctl: flags of the device and how many regions and interrupt indexes it has. `num_regions` is at least 9 for PCI. Set `argsz` first.',
  VFIO_DEVICE_GET_REGION_INFO:
    'ioctl: size, flags and **offset** of one region. The offset is the only right one to use; its encoding is up to the driver. -EINVAL for an index that does not exist; size 0 for one that is not implemented.',
  VFIO_DEVICE_GET_IRQ_INFO: 'ioctl: how many interrupts an index has, and what can be done with them.',
  VFIO_DEVICE_SET_IRQS:
    'ioctl: sets, masks or triggers interrupts. The kernel side validates with `vfio_set_irqs_validate_and_prepare()` before it copies.',
  VFIO_DEVICE_RESET: 'ioctl: resets the device, where `VFIO_DEVICE_FLAGS_RESET` is set.',
  VFIO_DEVICE_FEATURE:
    'ioctl: gets, sets or probes a feature of the device, such as the zPCI error events of Linux 7.3.',
  VFIO_GROUP_SET_CONTAINER: 'ioctl on a group: only for a group that is viable (`VFIO_GROUP_FLAGS_VIABLE`).',
  VFIO_SET_IOMMU: 'ioctl on a container: after the first group, before `VFIO_GROUP_GET_DEVICE_FD` is of use.',
  VFIO_IOMMU_MAP_DMA:
    'ioctl on a container: lets the device reach memory of the process. Counts against the locked memory.',
  VFIO_REGION_INFO_FLAG_READ: 'The region can be read with `pread()`.',
  VFIO_REGION_INFO_FLAG_WRITE: 'The region can be written with `pwrite()`.',
  VFIO_REGION_INFO_FLAG_MMAP:
    'The region can be mapped. Never set for an ISM function, which supports only function-handle instructions.',
  VFIO_REGION_INFO_FLAG_CAPS: 'A chain of capabilities starts at `cap_offset`.',
  VFIO_PCI_ROM_REGION_INDEX: 'Region 6, the expansion ROM; size 0 where there is none.',
  VFIO_PCI_CONFIG_REGION_INDEX: 'Region 7, the configuration space, emulated in parts.',
  VFIO_PCI_VGA_REGION_INDEX: 'Region 8, legacy VGA; the core answers -EINVAL where the device has none.',
  VFIO_PCI_NUM_REGIONS: '9: the indexes from here on are device-specific regions.',
  VFIO_PCI_OFFSET_SHIFT:
    "40: how vfio-pci-core packs a region's index into an offset. A driver may use another one; ism-vfio-pci uses 48.",
  VFIO_PCI_INDEX_TO_OFFSET: "A region's index as vfio-pci-core packs it into an offset: `index << 40`.",
  VFIO_PCI_OFFSET_TO_INDEX: "The region's index in an offset as vfio-pci-core packs it: `offset >> 40`.",
  vfio_pci_ioctl_get_region_info:
    "vfio-pci-core's answer to `VFIO_DEVICE_GET_REGION_INFO`, for every region it knows. It writes `info->offset` with a shift of 40.",
  vfio_pci_core_read:
    "vfio-pci-core's `.read`: every region it knows; BARs through `ioread*()`, which an ISM function does not take.",
  vfio_pci_core_write:
    "vfio-pci-core's `.write`: every region it knows; BARs through `iowrite*()`, which an ISM function does not take.",
  vfio_alloc_device:
    'Allocates a device with its container. Balance it with `vfio_put_device()` on every path that fails.',
  vfio_put_device: 'Drops a reference. The container may be freed afterwards.',
  vfio_pci_core_register_device:
    'Registers with vfio. The driver data must already be the `struct vfio_pci_core_device`.',
  __zpci_load:
    'PCILG: loads 1, 2, 4 or 8 bytes, right-aligned in a u64, with the function handle. Returns a condition that has to be tested.',
  __zpci_store: 'PCISTG: stores 1, 2, 4 or 8 bytes with the function handle.',
  __zpci_store_block:
    'PCISTB: stores a block with the function handle; at most `zdev->maxstbl` bytes, never across a 4 KiB boundary. Returns a condition that has to be tested.',
  ZPCI_CREATE_REQ: 'The request of a zPCI instruction: function handle, address space (the BAR), length.',
  maxstbl: 'The longest PCISTB of a function in bytes, at most 4096.',
};

/** The indexes of the BARs. */
const bar = /^VFIO_PCI_BAR([0-5])_REGION_INDEX$/;

/** What the word around a column of a line means, as Markdown, when it is known. */
export function hoverAt(
  line: string,
  column: number,
): { text: string; start: number; end: number } | undefined {
  for (const match of line.matchAll(/[A-Za-z_]\w*/g)) {
    const start = match.index;
    const [word] = match;
    if (column < start || column > start + word.length) continue;
    const number = bar.exec(word)?.[1];
    const text = number === undefined ? meanings[word] : `Region ${number}: BAR ${number}.`;
    return text === undefined
      ? undefined
      : { text: `**${word}**\n\n${text}`, start, end: start + word.length };
  }
  return undefined;
}
