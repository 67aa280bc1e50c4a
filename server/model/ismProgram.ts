import { numberValue } from './c/lowerExpression';
import type { Project } from './project';

/** The ids of ISM functions: PCI_VENDOR_ID_IBM and PCI_DEVICE_ID_IBM_ISM of drivers/s390/net/ism.h. */
const vendor = 0x1014;
const device = 0x04ed;

/** Whether a program of user space says that it is for ISM functions: by the name of their id, or by its numbers. */
export function isIsmProgram(project: Project, path: string): boolean {
  if (project.mentions(path, 'PCI_DEVICE_ID_IBM_ISM')) return true;
  // Asked first because it costs nothing; case does not matter in a number.
  if (!/4ed\b/i.test(project.file(path)?.source.text ?? '')) return false;
  const { source } = project.file(path) ?? {};
  const numbers = new Set((source?.items ?? []).flatMap((item) => source?.spellings(item).map(idOf) ?? []));
  return numbers.has(vendor) && numbers.has(device);
}

/** The number a token is, also at the end of a #define. */
function idOf(spelling: string): number | undefined {
  return numberValue(/0[xX][\da-fA-F]+[uUlL]*$/.exec(spelling)?.[0] ?? '');
}
