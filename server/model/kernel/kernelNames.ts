/**
 * Constants that drivers take from headers outside their folder. Sources: include/uapi/linux/vfio.h (region indexes,
 * ioctls, flags), include/uapi/asm-generic/errno-base.h and errno.h.
 */
const constants = new Map<string, number>([
  ['NULL', 0],
  ['false', 0],
  ['true', 1],
  ['VFIO_PCI_BAR0_REGION_INDEX', 0],
  ['VFIO_PCI_BAR1_REGION_INDEX', 1],
  ['VFIO_PCI_BAR2_REGION_INDEX', 2],
  ['VFIO_PCI_BAR3_REGION_INDEX', 3],
  ['VFIO_PCI_BAR4_REGION_INDEX', 4],
  ['VFIO_PCI_BAR5_REGION_INDEX', 5],
  ['VFIO_PCI_ROM_REGION_INDEX', 6],
  ['VFIO_PCI_CONFIG_REGION_INDEX', 7],
  ['VFIO_PCI_VGA_REGION_INDEX', 8],
  ['VFIO_PCI_NUM_REGIONS', 9],
  ['PCI_STD_NUM_BARS', 6],
  ['PCI_STD_RESOURCE_END', 5],
  ['PCI_ROM_RESOURCE', 6],
  ['VFIO_PCI_OFFSET_SHIFT', 40],
  ['VFIO_PCI_OFFSET_MASK', 2 ** 40 - 1],
  ['VFIO_REGION_INFO_FLAG_READ', 1],
  ['VFIO_REGION_INFO_FLAG_WRITE', 2],
  ['VFIO_REGION_INFO_FLAG_MMAP', 4],
  ['VFIO_REGION_INFO_FLAG_CAPS', 8],
]);

const deviceIoctls =
  'GET_INFO GET_REGION_INFO GET_IRQ_INFO SET_IRQS RESET GET_PCI_HOT_RESET_INFO PCI_HOT_RESET QUERY_GFX_PLANE ' +
  'GET_GFX_DMABUF IOEVENTFD FEATURE BIND_IOMMUFD ATTACH_IOMMUFD_PT DETACH_IOMMUFD_PT';
// _IO(VFIO_TYPE, VFIO_BASE + n) with VFIO_TYPE ';' and VFIO_BASE 100; the device's ioctls begin at 7.
deviceIoctls.split(' ').forEach((name, at) => constants.set(`VFIO_DEVICE_${name}`, (0x3b << 8) | (107 + at)));

const errors =
  'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST ' +
  'EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE';
errors.split(' ').forEach((name, at) => constants.set(name, at + 1));
constants
  .set('EOPNOTSUPP', 95)
  .set('ENOTSUPP', 524)
  .set('ENOSYS', 38)
  .set('EOVERFLOW', 75)
  .set('ENODATA', 61);

/** The value of a constant of the kernel's headers, or undefined. An error number of any name counts. */
export function kernelConstant(name: string): number | undefined {
  return constants.get(name) ?? (/^E[A-Z][A-Z0-9]+$/.test(name) ? 133 : undefined);
}

/** The ioctl number of VFIO_DEVICE_GET_REGION_INFO. */
export const getRegionInfoCommand = constants.get('VFIO_DEVICE_GET_REGION_INFO') ?? 0;

/**
 * Functions of vfio-pci-core that answer VFIO_DEVICE_GET_REGION_INFO for every region they know, also device-specific
 * ones (drivers/vfio/pci/vfio_pci_core.c).
 */
export const regionInfoDelegates: ReadonlySet<string> = new Set([
  'vfio_pci_ioctl_get_region_info',
  'vfio_pci_core_ioctl',
  'vfio_pci_core_ioctl_get_region_info',
  'vfio_pci_core_get_region_info',
]);

/** Functions of vfio-pci-core that read and write every region they know, device-specific ones through their ops. */
export const regionAccessDelegates: ReadonlySet<string> = new Set([
  'vfio_pci_core_read',
  'vfio_pci_core_write',
  'vfio_pci_rw',
]);

/** VFIO_PCI_OFFSET_SHIFT of include/linux/vfio_pci_core.h: how the core packs a region's index into an offset. */
export const coreOffsetShift = 40;

/** Whether a function belongs to vfio-pci-core, so that whoever uses it as an operation is built on it. */
export function isPciCoreFunction(name: string): boolean {
  return /^vfio_pci_(core|ioctl)_\w+$/.test(name);
}

/**
 * Whether a function is one that VFIO itself gives to all drivers (include/linux/vfio.h): what it does is known by its name,
 * and to look for it would mean to read all of VFIO.
 */
export function isVfioFunction(name: string): boolean {
  return /^_?vfio_((alloc|put)_device|(un)?register_(group|emulated_iommu)_dev|(iommufd|virqfd|file|mig|info)_\w+|assign_device_set|device_set_open_count|combine_iova_ranges|(un)?pin_pages|dma_rw|set_irqs_validate_and_prepare)$/.test(
    name,
  );
}

/** Functions of vfio-pci-core that serve whoever holds such a device, as a driver of its children may. */
const servesOthers =
  /_(ioread|iowrite)\d*$|_(do_io_rw|setup_barmap|get_iomap|range_intersect_range|sriov_configure)$/;

/** Whether a call shows that the caller's own device is one of vfio-pci-core. */
export function handsOwnDeviceToCore(name: string): boolean {
  return isPciCoreFunction(name) && !servesOthers.test(name);
}
