import type { Project } from './project';

/** What a driver called to set its device up and to give it back before Linux 6.1 moved both into .init and .release. */
const removed = ['vfio_pci_core_init_device', 'vfio_pci_core_uninit_device'];

/**
 * Whether a driver is written for Linux 5.15 to 6.0, as drivers outside the kernel's tree are. Of these only the last two ask for
 * the driver data before the registration, and know `.driver_managed_dma`.
 * @param project the project
 * @param path a file of the driver; the others of its folder are for the same kernel
 */
export function isBeforeInit(project: Project, path: string): boolean {
  return removed.some((name) => project.folderMentions(path, name));
}
