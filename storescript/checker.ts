/** Checks the lines of a script together: its tests, their names, and the device of each. */
import { lineRemoval, Mistakes } from './mistakes';
import { parse } from './parser';
import type { DeviceName, Script, ScriptTest } from './script';
import type { Statement, StatementOf } from './statements';
import { TestBuilder } from './testBuilder';

export type { DeviceName, Script, ScriptTest, Step } from './script';

/** Whether a script may be run: nothing in it is wrong. */
export const isRunnable = (script: Script): boolean =>
  script.diagnostics.every(({ severity }) => severity !== 'error');

/** Reads and checks a script. Never throws, whatever the text is. */
export function check(text: string): Script {
  const { statements, diagnostics, names } = parse(text);
  const mistakes = new Mistakes(text);
  for (const diagnostic of diagnostics) mistakes.add(diagnostic);
  const checker = new Checker(mistakes);
  for (const statement of statements) checker.add(statement);
  const tests = checker.finish();
  return { tests, diagnostics: mistakes.sorted(), names };
}

class Checker {
  private readonly tests: ScriptTest[] = [];
  private readonly testNames = new Set<string>();
  private fileDevice: DeviceName | undefined;
  private sawFileDevice = false;
  private test: TestBuilder;

  constructor(private readonly mistakes: Mistakes) {
    this.test = new TestBuilder(mistakes, undefined);
  }

  add(statement: Statement): void {
    if (statement.kind === 'let') return;
    if (statement.kind === 'device') this.addDevice(statement);
    else if (statement.kind === 'test') {
      this.endTest(statement.start);
      this.checkName(statement);
      this.test = new TestBuilder(this.mistakes, statement);
    } else this.test.add(statement);
  }

  finish(): readonly ScriptTest[] {
    this.endTest(this.mistakes.text.length);
    return this.tests;
  }

  private addDevice(statement: StatementOf<'device'>): void {
    const { test } = this;
    const inTest = test.header !== undefined;
    if (test.hasSteps || (inTest ? test.hasDevice : this.sawFileDevice)) {
      this.mistakes.report(
        'misplaced-device',
        statement,
        test.hasSteps
          ? 'A device must stand before the first step. Begin another test for another function.'
          : 'A device is named already. Remove one of the two.',
        lineRemoval(this.mistakes.text, statement),
      );
      if (inTest) test.rejectDevice();
    } else if (inTest) test.setDevice(statement.operands);
    else this.fileDevice = statement.operands;
    if (!inTest) this.sawFileDevice = true;
  }

  private checkName(statement: StatementOf<'test'>): void {
    const name = statement.operands?.name;
    if (name === undefined) return;
    if (this.testNames.has(name))
      this.mistakes.report('duplicate-test', statement, 'Another test has this name. Choose another one.');
    this.testNames.add(name);
  }

  /** @param end where the text of the test ends */
  private endTest(end: number): void {
    const { test } = this;
    if (!test.hasBegun) return;
    const finished = test.finish(end, this.fileDevice);
    // Once per script: the tests below lack a device for the same reason.
    const isFirstWithout = this.tests.every(({ device }) => device !== undefined);
    if (isFirstWithout && !test.hasDevice && !this.sawFileDevice) test.reportMissingDevice();
    if (finished) this.tests.push(finished);
  }
}
