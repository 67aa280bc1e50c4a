/** The entry that VS Code calls inside the extension host (extensionTestsPath). */
import path from 'node:path';
import { runMocha } from '../support/runMocha';
import { testFiles } from '../support/stages';

export async function run(): Promise<void> {
  const reportFile = process.env['ISM_TEST_REPORT'];
  if (!reportFile) throw new Error('ISM_TEST_REPORT is not set');
  // This file is built to dist/tools.
  const root = path.resolve(__dirname, '..', '..');
  const report = await runMocha(testFiles(root, 'test/extensionHost'), reportFile, 60_000);
  if (report.failed > 0) throw new Error(`${report.failed} failed`);
}
