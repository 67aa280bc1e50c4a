/** Runs suites inside a real extension host, through @vscode/test-electron. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildNativeHelper } from '../../helper/build';
import { placeHelper } from '../../packaging/placeHelper';
import { chromium } from '../../setup/chromium';
import type { SetupContext } from '../../setup/context';
import { ensureHostTool } from '../../setup/hostTools';
import { workbench } from '../../setup/workbench';
import { FIXTURE_HOSTS } from '../support/fixtureHostNames';
import { startFixtureHosts } from '../support/fixtureHosts';
import type { TestReport } from '../support/runMocha';
import { readReport } from '../support/stages';

/** Of what a person with a large machine has: every LPAR and its functions. */
const HOSTS = 8;
const FUNCTIONS_EACH = 8;

/**
 * Runs a bundle of dist/tools in the extension host, with hosts of files beside it and a workspace of its own.
 *
 * The host is code-server's real extension host and workbench unless ISM_VSCODE_HOST=desktop asks for a desktop VS
 * Code, which test-electron then downloads. There is no silent fall-back from one to the other.
 *
 * @returns its exit code
 */
export async function runInExtensionHost(
  setup: SetupContext,
  root: string,
  bundle: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const desktop = process.env['ISM_VSCODE_HOST'] === 'desktop';
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-host-'));
  const workspace = path.join(folder, 'workspace');
  // Nothing in it may activate the extension by itself, as a store script would: how it activates is looked at.
  cpSync(path.join(root, 'test', 'fixtures', 'workspace'), workspace, { recursive: true });
  process.env['ISM_OPENSSH'] ??= JSON.stringify({
    ssh: await ensureHostTool(setup, 'ssh'),
    sshd: await ensureHostTool(setup, 'sshd'),
  });
  const shipped = await placeHelper(setup, root);
  const native = await buildNativeHelper(setup, root, 'plain');
  const hosts = await startFixtureHosts(native, shipped, HOSTS, FUNCTIONS_EACH);
  const env: Record<string, string> = { ...environment, [FIXTURE_HOSTS]: JSON.stringify(hosts) };
  try {
    if (!desktop) {
      const host = await workbench(setup, root);
      env['ISM_STAND_IN'] = JSON.stringify({ workbench: host, chromium: await chromium(setup) });
    }
    await runTests({
      ...(desktop ? {} : { vscodeExecutablePath: path.join(root, 'dist', 'tools', 'vscode-host.js') }),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(root, 'dist', 'tools', bundle),
      extensionTestsEnv: env,
      launchArgs: [workspace, '--disable-extensions'],
    });
    return 0;
  } catch (error) {
    console.error(String(error));
    return 1;
  } finally {
    await hosts.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The tests of this folder. */
export async function extensionHostTests(setup: SetupContext, root: string): Promise<TestReport> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-host-report-'));
  const reportFile = path.join(folder, 'report.json');
  const code = await runInExtensionHost(setup, root, 'extension-host-suite', { ISM_TEST_REPORT: reportFile });
  return readReport(reportFile, code, folder);
}
