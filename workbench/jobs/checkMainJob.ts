/** The main job as `npm run demo -- --check` and `npm test` run it. */
import type { SetupContext } from '../../setup/context';
import { onStage, type StepResult } from '../runJob';
import { bindJob, walkthroughJob } from './bindJob';
import { addingHosts, mainJob } from './mainJob';

/**
 * @param shots the folder for screenshots
 * @returns the steps up to and including the first that failed
 */
export function checkMainJob(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  return onStage(setup, root, shots, {}, async (stage, ui, step) => {
    await mainJob(stage, ui, step);
    await bindJob(stage, ui, step);
    await walkthroughJob(ui, step);
    await addingHosts(stage, ui, step);
  });
}
