#!/usr/bin/env node
/**
 * Stands in for the VS Code executable: takes the command line that @vscode/test-electron gives to `code` and runs it
 * in code-server's real extension host, with the workbench in headless Chromium. A pass here does not prove the same
 * for desktop VS Code; README.md says so.
 */
import { appendFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import type { Page } from 'playwright-core';
import type { Workbench } from '../../setup/workbench';
import { launchBrowser, type ChromiumProgram } from '../../workbench/browser';
import { startCodeServer } from '../../workbench/codeServer';

const LIMIT_MS = 180_000;
interface CommandLine {
  readonly folder: string | undefined;
  readonly development: readonly string[];
  readonly tests: string | undefined;
}

function readCommandLine(args: readonly string[]): CommandLine {
  const value = (name: string): string[] =>
    args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  return {
    folder: args.find((arg) => !arg.startsWith('--')),
    development: value('extensionDevelopmentPath'),
    tests: value('extensionTestsPath')[0],
  };
}

/** Notes in a file when how many functions are on screen, for measurements. */
async function noteRows(page: Page, file: string): Promise<void> {
  await page.exposeFunction('ismRows', (time: number, count: number) =>
    appendFileSync(file, `${time} ${count}\n`),
  );
  await page.addInitScript(`(() => {
    let last = -1;
    const look = () => {
      const count = document.querySelectorAll('.part.sidebar .monaco-list-row[aria-label^="ISM function"]').length;
      if (count !== last) window.ismRows(Date.now(), (last = count));
      requestAnimationFrame(look);
    };
    look();
  })()`);
}

async function main(): Promise<number> {
  const given = process.env['ISM_STAND_IN'];
  if (!given)
    throw new Error('ISM_STAND_IN must name the workbench and the browser; run the tests with npm test');
  const { workbench, chromium } = JSON.parse(given) as { workbench: Workbench; chromium: ChromiumProgram };
  const { folder, development, tests } = readCommandLine(process.argv.slice(2));
  const work = mkdtempSync(path.join(tmpdir(), 'ism-stand-in-'));
  const server = await startCodeServer({ workbench, folder: work, settings: {}, testDriver: true });
  const browser = await launchBrowser(chromium, work);
  try {
    const rowsFile = process.env['ISM_ROWS_FILE'];
    // A list has the rows only that can be seen: a high window has all of them.
    const page = await browser.newPage({ viewport: { width: 1280, height: rowsFile ? 2400 : 800 } });
    if (rowsFile) await noteRows(page, rowsFile);
    // The workbench calls these two when they exist: VS Code's own browser tests end through them.
    const ended = new Promise<number>((resolve) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
      page.on('crash', () => resolve(4));
      void server.ended.then(() => resolve(3));
      setTimeout(() => resolve(124), LIMIT_MS).unref();
    });
    // Mocha writes with console.log; errors and warnings are the workbench's own about what it lacks here (its native
    // modules, a gallery), and what fails in a test is in the report.
    await page.exposeFunction('codeAutomationLog', (type: string, values: unknown[]) => {
      if (type === 'log') console.log(format(...(values as [unknown])));
    });
    const remote = (file: string): string =>
      `vscode-remote://${new URL(server.origin).host}${encodeURI(realpathSync(file))}`;
    const payload = [
      ...development.map((place) => ['extensionDevelopmentPath', remote(place)]),
      ...(tests ? [['extensionTestsPath', remote(tests.endsWith('.js') ? tests : `${tests}.js`)]] : []),
      ['skipWelcome', 'true'],
    ];
    const query = folder ? `folder=${encodeURIComponent(realpathSync(folder))}` : 'ew=true';
    await page.goto(`${server.origin}/?${query}&payload=${encodeURIComponent(JSON.stringify(payload))}`, {
      waitUntil: 'commit',
    });
    return await ended;
  } finally {
    await browser.close();
    await server.stop();
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(3);
  },
);
