/** Finding and opening the function that a script names. */
import type { IsmFunction } from '../../protocol/helper';
import type { DeviceName } from '../../storescript/checker';
import { UserError } from '../base/userError';
import { t } from '../base/l10n';

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
        ? t('There is no ISM function {0} on {1}; correct the device line.', device.value, hostName)
        : t('There is no ISM function with FID {0} on {1}; correct the device line.', device.value, hostName),
    );
  return found;
}

/** The kernel writes FIDs with leading zeros. */
const sameNumber = (a: string | null, b: string): boolean =>
  a !== null && /^0x[0-9a-f]+$/i.test(a) && BigInt(a) === BigInt(b);
