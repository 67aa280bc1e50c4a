/** What a store becomes on the host: that depends on the driver of the function, and the questions before a store say it. */
import { ISM_DRIVER, PLAIN_DRIVER } from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';

/**
 * A sentence about one pwrite. ism_vfio_pci makes one PCISTB of it (drivers/vfio/pci/ism/main.c); vfio-pci splits it
 * (vfio_pci_core_do_io_rw() of drivers/vfio/pci/vfio_pci_rdwr.c).
 *
 * @param drivers of the functions that are stored to, as the kernel names them; null where a function has none
 */
export function instructionWords(drivers: readonly (string | null)[]): string {
  const others = [...new Set(drivers)].filter((driver) => driver !== ISM_DRIVER);
  if (drivers.length > 0 && others.length === 0) return 'Each store is one pwrite, one PCISTB instruction.';
  if (others.includes(PLAIN_DRIVER))
    return 'Each store is one pwrite, which vfio-pci splits into stores of 8, 4, 2 and 1 bytes, each as large as the alignment of its offset allows; none of them is a PCISTB.';
  const named = others.filter((driver) => driver !== null).map((driver) => neutralise(driver, 64));
  return named.length > 0
    ? `Each store is one pwrite; what ${named.join(', ')} makes of it is not known here.`
    : 'Each store is one pwrite, and under ism_vfio_pci one PCISTB instruction.';
}
