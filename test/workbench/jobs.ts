/** The jobs in the workbench that `npm test` runs besides the main job. */
import type { SetupContext } from '../../setup/context';
import { onStage, withoutLab, type StepResult } from '../../workbench/runJob';
import { debugKernelJob } from './debugKernelJob';
import { hostileHosts } from './hostileHosts';
import { inUseJob } from './inUseJob';
import { loopbackJob } from './loopbackJob';
import { restrictedMode } from './restrictedMode';

/** Two guests with two functions each; see loopbackJob and inUseJob. */
export function checkLoopback(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  return onStage(setup, root, shots, { guests: 2, functions: 2 }, async (stage, ui, step) => {
    await loopbackJob(stage, ui, step);
    await inUseJob(stage, ui, step);
  });
}

/** A guest with KASAN and lockdep; see debugKernelJob. */
export function checkDebugKernel(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  return onStage(setup, root, shots, { kernel: 'debug' }, debugKernelJob);
}

/** The packaged extension in a folder that is not trusted; see restrictedMode. */
export function checkRestrictedMode(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  const settings = { 'ism.hosts': [{ name: 'lpar1', destination: 'root@127.0.0.1:9' }] };
  return withoutLab(setup, root, shots, { restricted: true, settings }, restrictedMode);
}

/** The packaged extension against servers that lie; see hostileHosts. */
export function checkHostileHosts(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  return withoutLab(setup, root, shots, { restricted: false, settings: {} }, hostileHosts);
}
