/** Reading how drivers for a host's kernel are built; people write that file by hand. */
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { DriverBuild, type DescribedDriver } from '../../protocol/driverBuild';
import { UserError } from '../base/userError';

/** @throws UserError that names the field which is wrong */
export async function readDescription(file: string): Promise<DriverBuild> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `${file} cannot be read; it is to say how drivers are built (README, Try my driver).`,
      String(error),
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON; correct it.`, String(error));
  }
  const checked = v.safeParse(DriverBuild, value);
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw new UserError(`${file}: the field '${v.getDotPath(issue) ?? ''}' cannot be used (${issue.message}).`);
}

/** What the description says of a module; that of another name says nothing. */
export function describedDriver(description: DriverBuild, module: string): DescribedDriver {
  return (
    description.drivers.find((driver) => moduleName(driver.module) === moduleName(module)) ?? {
      module,
      flags: [],
    }
  );
}

/** As the kernel spells a module's name: `ism-vfio-pci.ko` is `ism_vfio_pci`. */
export const moduleName = (name: string): string => name.replace(/-/g, '_');
