/**
 * `npm run try-debug`: Try My Driver in the real workbench on the lab's *debug* kernel, where KASAN and lockdep find what the others
 * keep silent about. It is no part of `npm test`, since that kernel takes minutes to be built.
 */
import path from 'node:path';
import { openSetup } from '../setup/context';
import { checkDebugKernel } from './workbench/jobs';

async function main(): Promise<number> {
  const root = process.cwd();
  const results = await checkDebugKernel(openSetup(), root, path.join(root, 'artifacts', 'try-debug'));
  const failed = results.filter(({ error }) => error !== undefined).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
