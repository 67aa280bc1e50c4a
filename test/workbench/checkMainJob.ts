/** Sets the stage, drives the main job or what a restricted workspace allows, reports each step. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SetupContext } from '../../setup/context';
import { chromium } from '../../setup/chromium';
import { packageExtension } from '../../scripts/packageExtension';
import { setStage, type Stage } from '../../scripts/stage';
import { workbench } from '../../setup/workbench';
import { bindJob, walkthroughJob } from './bindJob';
import { launchBrowser } from './browser';
import { startCodeServer } from './codeServer';
import { debugKernelJob } from './debugKernelJob';
import { hostileHosts } from './hostileHosts';
import { inUseJob } from './inUseJob';
import { loopbackJob } from './loopbackJob';
import { addingHosts, mainJob, type Step } from './mainJob';
import { restrictedMode } from './restrictedMode';
import { WorkbenchPage } from './workbenchPage';

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

async function onStage(
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

/** The packaged extension in a folder that is not trusted; see restrictedMode. */
export function checkRestrictedMode(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  const settings = { 'ism.hosts': [{ name: 'lpar1', destination: 'root@127.0.0.1:9' }] };
  return withoutLab(setup, root, shots, { restricted: true, settings }, restrictedMode);
}

/** The packaged extension against servers that lie; see hostileHosts. */
export function checkHostileHosts(setup: SetupContext, root: string, shots: string): Promise<StepResult[]> {
  return withoutLab(setup, root, shots, { restricted: false, settings: {} }, hostileHosts);
}

async function withoutLab(
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
