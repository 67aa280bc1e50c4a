/** Runs the suite of this folder inside a real extension host, through @vscode/test-electron. */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { chromium } from '../../setup/chromium';
import type { SetupContext } from '../../setup/context';
import { workbench } from '../../setup/workbench';
import type { TestReport } from '../harness/runMocha';
import { readReport } from '../harness/stages';

/**
 * The host is code-server's real extension host and workbench unless ISM_VSCODE_HOST=desktop asks for a desktop VS
 * Code, which test-electron then downloads. There is no silent fall-back from one to the other.
 */
export async function extensionHostTests(setup: SetupContext, root: string): Promise<TestReport> {
  const desktop = process.env['ISM_VSCODE_HOST'] === 'desktop';
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-host-'));
  const workspace = path.join(folder, 'workspace');
  cpSync(path.join(root, 'test', 'fixtures', 'workspace'), workspace, { recursive: true });
  const reportFile = path.join(folder, 'report.json');
  const env: Record<string, string> = { ISM_TEST_REPORT: reportFile };
  if (!desktop) {
    const host = await workbench(setup, root);
    env['ISM_STAND_IN'] = JSON.stringify({ workbench: host, chromium: await chromium(setup) });
  }
  let code = 0;
  try {
    await runTests({
      ...(desktop ? {} : { vscodeExecutablePath: path.join(root, 'dist', 'tools', 'vscode-host.js') }),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(root, 'dist', 'tools', 'extension-host-suite'),
      extensionTestsEnv: env,
      launchArgs: [workspace, '--disable-extensions'],
    });
  } catch (error) {
    code = 1;
    console.error(String(error));
  }
  return readReport(reportFile, code, folder);
}
