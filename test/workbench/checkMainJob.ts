/** Sets the stage, drives the main job, reports each step. */
import type { SetupContext } from '../../setup/context';
import { chromium } from '../../setup/chromium';
import { setStage } from '../../scripts/stage';
import { launchBrowser } from './browser';
import { mainJob } from './mainJob';
import { WorkbenchPage } from './workbenchPage';

export interface StepResult {
  readonly name: string;
  readonly seconds: number;
  readonly error?: string;
}

/**
 * @param shots the folder for screenshots; a step that fails leaves `failed.png` there
 * @returns the steps up to and including the first that failed
 */
export async function checkMainJob(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const program = await chromium(setup);
  const stage = await setStage(setup, root, { 'workbench.colorTheme': 'Default Light Modern' });
  const browser = await launchBrowser(program, stage.folder);
  try {
    const say = (line: string): void => console.log(`    ${line}`);
    const ui = await WorkbenchPage.open(browser, stage.codeServer.origin, stage.workspace, shots, say);
    await mainJob(stage, ui, async (name, run) => {
      const start = Date.now();
      const seconds = (): number => (Date.now() - start) / 1000;
      try {
        await run();
        results.push({ name, seconds: seconds() });
        console.log(`  ok ${name} (${seconds().toFixed(1)} s)`);
      } catch (error) {
        await ui.screenshot('failed').catch(() => undefined);
        results.push({ name, seconds: seconds(), error: String((error as Error).stack ?? error) });
        console.log(`  FAILED ${name}\n${String((error as Error).stack ?? error)}`);
        throw error;
      }
    });
  } catch (error) {
    // A failure outside of a step (the workbench did not open) must count as well.
    if (!results.some((result) => result.error !== undefined))
      results.push({
        name: 'opening the workbench',
        seconds: 0,
        error: String((error as Error).stack ?? error),
      });
    if (results.length === 1) console.error(error);
  } finally {
    await browser.close();
    await stage.end();
  }
  return results;
}
