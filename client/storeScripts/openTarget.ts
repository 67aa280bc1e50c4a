/** Finding and opening the function that a script names. */
import type { IsmFunction } from '../../protocol/helper';
import type { DeviceName } from '../../storescript/checker';
import { UserError } from '../base/userError';

/** @throws UserError when there is none on the host */
export function findFunction(
  functions: readonly IsmFunction[],
  device: DeviceName,
  hostName: string,
): IsmFunction {
  const found = functions.find((fn) =>
    device.by === 'address' ? fn.address === device.value : sameNumber(fn.fid, device.value),
  );
  if (!found)
    throw new UserError(
      device.by === 'address'
        ? `There is no ISM function ${device.value} on ${hostName}; correct the device line.`
        : `There is no ISM function with FID ${device.value} on ${hostName}; correct the device line.`,
    );
  return found;
}

/** The kernel writes FIDs with leading zeros. */
const sameNumber = (a: string | null, b: string): boolean =>
  a !== null && /^0x[0-9a-f]+$/i.test(a) && BigInt(a) === BigInt(b);
