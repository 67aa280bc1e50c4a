/** `npm run package`: builds the VSIX, says where it is and how large; fails when it is larger than is promised. */
import { openSetup } from '../setup/context';
import { SetupError } from '../setup/setupError';
import { packageExtension } from './packageExtension';
import { MOST_BYTES, vsixSize } from './vsixSize';

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`;

packageExtension(openSetup(), process.cwd()).then(
  (vsix) => {
    const { whole, helper } = vsixSize(vsix);
    console.log(`${vsix}: ${kilobytes(whole)}, without the helper ${kilobytes(whole - helper)}`);
    if (whole - helper <= MOST_BYTES && helper <= MOST_BYTES) return;
    console.error(
      `package: neither the helper nor all the rest may be larger than ${kilobytes(MOST_BYTES)}.`,
    );
    process.exitCode = 1;
  },
  (error: unknown) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 2;
  },
);
