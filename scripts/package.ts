/** `npm run package`: builds the VSIX and says where it is. */
import { statSync } from 'node:fs';
import { openSetup } from '../setup/context';
import { SetupError } from '../setup/setupError';
import { packageExtension } from './packageExtension';

packageExtension(openSetup(), process.cwd()).then(
  (vsix) => console.log(`${vsix}: ${(statSync(vsix).size / 1024).toFixed(0)} KB`),
  (error: unknown) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 2;
  },
);
