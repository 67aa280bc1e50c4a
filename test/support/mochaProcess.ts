/** `node mocha-process.js REPORT TIMEOUT_MS FILE...`: a process of its own, so that what tests leave behind ends with it. */
import { runMocha } from './runMocha';

const [reportFile, timeoutMs, ...files] = process.argv.slice(2);
if (!reportFile || !timeoutMs || files.length === 0) {
  console.error('usage: mocha-process REPORT TIMEOUT_MS FILE...');
  process.exit(2);
}
void runMocha(files, reportFile, Number(timeoutMs)).then((report) =>
  process.exit(report.failed === 0 ? 0 : 1),
);
