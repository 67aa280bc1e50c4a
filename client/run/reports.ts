/** Results for other programs: JUnit's XML and the Test Anything Protocol, version 14. */
import type { TestResult } from '../storeScripts/testResult';

/** A test that was run, or was to be run. */
export interface Ran {
  readonly file: string;
  readonly name: string;
  /** Of the test, from 0. */
  readonly line: number;
  readonly result: TestResult;
}

const seconds = (ns: number): string => (ns / 1e9).toFixed(6);

/** What people read of a test that did not pass. */
export function explanation({ file, line, result }: Ran): string {
  const bytes = (title: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`${title}:`, ...text.split('\n').map((row) => `  ${row}`)];
  return [
    `${file}:${(result.line ?? line) + 1}: ${result.message}`,
    ...bytes('expected', result.expected),
    ...bytes('actual', result.actual),
  ].join('\n');
}

/** One test suite a file. */
export function junit(all: readonly Ran[]): string {
  const files = [...new Set(all.map(({ file }) => file))];
  const suites = files.map((file) =>
    suite(
      file,
      all.filter((ran) => ran.file === file),
    ),
  );
  const total = counts(all);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ism-run" ${total}>\n${suites.join('')}</testsuites>\n`;
}

const element = ({ verdict }: TestResult): 'failure' | 'skipped' | 'error' =>
  verdict === 'failed' ? 'failure' : verdict === 'stopped' ? 'skipped' : 'error';

function counts(all: readonly Ran[]): string {
  const bad = all.filter(({ result }) => result.verdict !== 'passed').map(({ result }) => element(result));
  const of = (kind: string): number => bad.filter((each) => each === kind).length;
  const time = seconds(all.reduce((sum, { result }) => sum + result.durationNs, 0));
  return `tests="${all.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="${time}"`;
}

function suite(file: string, all: readonly Ran[]): string {
  const cases = all.map((ran) => {
    const { name, line, result } = ran;
    const head = `    <testcase classname="${xml(file)}" name="${xml(name)}" file="${xml(file)}" line="${line + 1}" time="${seconds(result.durationNs)}"`;
    if (result.verdict === 'passed') return `${head}/>\n`;
    const kind = element(result);
    const open = `<${kind} message="${xml(result.message)}"${kind === 'skipped' ? '' : ` type="${result.verdict}"`}>`;
    return `${head}>\n      ${open}${xml(explanation(ran))}</${kind}>\n    </testcase>\n`;
  });
  return `  <testsuite name="${xml(file)}" ${counts(all)}>\n${cases.join('')}  </testsuite>\n`;
}

/** Text for XML 1.0, which has no place for most control characters and for halves of surrogate pairs. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** With a YAML block below each test that did not pass. */
export function tap(all: readonly Ran[]): string {
  const lines = all.flatMap((ran, index) => {
    const { file, name, line, result } = ran;
    const passed = result.verdict === 'passed';
    const head = `${passed ? 'ok' : 'not ok'} ${index + 1} - ${escaped(`${file}: ${name}`)}`;
    if (passed) return [head];
    const block = (key: string, text: string | undefined): string[] =>
      text === undefined ? [] : [`  ${key}: |`, ...text.split('\n').map((row) => `    ${row}`)];
    return [
      head,
      '  ---',
      `  message: ${JSON.stringify(result.message)}`,
      `  severity: ${result.verdict}`,
      '  at:',
      `    file: ${JSON.stringify(file)}`,
      `    line: ${(result.line ?? line) + 1}`,
      ...block('expected', result.expected),
      ...block('actual', result.actual),
      '  ...',
    ];
  });
  return ['TAP version 14', `1..${all.length}`, ...lines].map((line) => `${line}\n`).join('');
}

/** A `#` in a description would begin a directive. */
const escaped = (text: string): string =>
  text
    .replace(/[\r\n]+/g, ' ')
    .replace(/\p{Cc}/gu, '\ufffd')
    .replace(/[\\#]/g, '\\$&');
