/** Runs a job in the real workbench, with a lab or without, and reports each step. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SetupContext } from '../setup/context';
import { chromium } from '../setup/chromium';
import { packageExtension } from '../packaging/packageExtension';
import { setStage, type Stage } from './stage';
import { workbench } from '../setup/workbench';
import { launchBrowser } from './browser';
import { startCodeServer } from './codeServer';
import { WorkbenchPage } from './workbenchPage';

/** A step of the job; each reports under its name, so that a failure says where it was. */
export type Step = (name: string, run: () => Promise<void>) => Promise<void>;

export interface StepResult {
  readonly name: string;
  readonly seconds: number;
  readonly error?: string;
}

const say = (line: string): void => console.log(`    ${line}`);

/** Runs steps one after the other; the first that fails leaves `failed.png` and ends the run. */
async function runSteps(
  results: StepResult[],
  shots: WorkbenchPage,
  job: (step: Step) => Promise<void>,
): Promise<void> {
  await job(async (name, run) => {
    const start = Date.now();
    const seconds = (): number => (Date.now() - start) / 1000;
    try {
      await run();
      results.push({ name, seconds: seconds() });
      console.log(`  ok ${name} (${seconds().toFixed(1)} s)`);
    } catch (error) {
      await shots.screenshot('failed').catch(() => undefined);
      results.push({ name, seconds: seconds(), error: detail(error) });
      console.log(`  FAILED ${name}\n${detail(error)}`);
      throw error;
    }
  });
}

const detail = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** A failure outside of a step (the workbench did not open) must count as well. */
function noteFailure(results: StepResult[], error: unknown): void {
  if (results.some((result) => result.error !== undefined)) return;
  results.push({ name: 'opening the workbench', seconds: 0, error: detail(error) });
  console.error(error);
}

/**
 * Runs a job on a stage of its own: labs, the real driver's source and the workbench.
 *
 * @param shots the folder for screenshots
 * @returns the steps up to and including the first that failed
 */
export async function onStage(
  setup: SetupContext,
  root: string,
  shots: string,
  machines: Parameters<typeof setStage>[3],
  job: (stage: Stage, ui: WorkbenchPage, step: Step) => Promise<void>,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const program = await chromium(setup);
  const theme = { 'workbench.colorTheme': 'Default Light Modern' };
  const stage = await setStage(setup, root, theme, machines);
  const browser = await launchBrowser(program, stage.folder);
  try {
    const ui = await WorkbenchPage.open(browser, stage.codeServer.origin, stage.workspace, shots, say);
    await runSteps(results, ui, (step) => job(stage, ui, step));
  } catch (error) {
    noteFailure(results, error);
  } finally {
    await browser.close();
    await stage.end();
  }
  return results;
}

/** Runs a job in the workbench with the test workspace alone; see {@link onStage}. */
export async function withoutLab(
  setup: SetupContext,
  root: string,
  shots: string,
  options: { readonly restricted: boolean; readonly settings: Readonly<Record<string, unknown>> },
  job: (ui: WorkbenchPage, step: Step) => Promise<void>,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-workbench-'));
  const workspace = path.join(folder, 'workspace');
  for (const fixtures of ['workspace', 'scripts'])
    cpSync(path.join(root, 'test', 'fixtures', fixtures), workspace, { recursive: true });
  const server = await startCodeServer({
    workbench: await workbench(setup, root),
    folder: path.join(folder, 'code-server'),
    vsix: await packageExtension(setup, root),
    ...options,
  });
  const browser = await launchBrowser(await chromium(setup), folder);
  try {
    const ui = await WorkbenchPage.open(browser, server.origin, workspace, shots, say);
    await runSteps(results, ui, (step) => job(ui, step));
  } catch (error) {
    noteFailure(results, error);
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return results;
}
