/** One test while its lines are read: its steps, blocks, what an `expect` belongs to, and the limits of a test. */
import { SCRIPT_LIMITS } from '../protocol/runOperations';
import { lineRemoval, lineStart, type Mistakes } from './mistakes';
import type { DeviceName, ScriptTest, Step } from './script';
import type { Statement, StatementOf } from './statements';
import { checkStore } from './storeChecks';

/** A `repeat` that is open. */
interface Block {
  readonly opener: Statement;
  /** How often its lines are executed, including the repeats around it. */
  readonly times: number;
  empty: boolean;
}

export class TestBuilder {
  private readonly steps: Step[] = [];
  private readonly blocks: Block[] = [];
  private first: Statement | undefined;
  private last: Statement | undefined;
  private previous: Statement | undefined;
  private device: DeviceName | undefined;
  private sawDevice = false;
  /** The last read: undefined before any, `unknown` when its line is wrong, `failed` when it is expected to fail. */
  private read: number | 'unknown' | 'failed' | undefined;
  private executedSteps = 0;
  private stores = 0;
  private bytes = 0;
  private reportedLimit = false;
  /** A line that cannot be read may be the repeat or read that a later line needs. */
  private sawUnknownStatement = false;

  /** @param header the `test` line; none for the only test of a file without such lines */
  constructor(
    private readonly mistakes: Mistakes,
    readonly header: StatementOf<'test'> | undefined,
  ) {
    this.last = header;
  }

  /** Whether a line of this test was read. */
  get hasBegun(): boolean {
    return this.header !== undefined || this.first !== undefined;
  }

  /** Whether a step, or a line that may have been one, was read. */
  get hasSteps(): boolean {
    return this.first !== undefined;
  }

  get hasDevice(): boolean {
    return this.sawDevice;
  }

  /** Sets the device of this test; undefined for a device line that is wrong. */
  setDevice(device: DeviceName | undefined): void {
    this.device = device;
    this.sawDevice = true;
  }

  /** Notes a device that stands in the wrong place: its mistake is reported, and the test does not lack one. */
  rejectDevice(): void {
    this.sawDevice = true;
  }

  /** Adds a line below the header. */
  add(statement: Exclude<Statement, StatementOf<'let' | 'device' | 'test'>>): void {
    this.first ??= statement;
    this.last = statement;
    if (statement.kind === 'unknown') this.sawUnknownStatement = true;
    else if (statement.kind === 'expect error') this.addExpectedError(statement);
    else if (statement.kind === 'end') this.closeBlock(statement);
    else if (statement.kind === 'repeat') this.openBlock(statement);
    else this.addStep(statement);
    this.previous = statement;
  }

  /**
   * Ends the test.
   * @param end where the text of the test ends
   * @param fileDevice the device that the file names for all its tests
   */
  finish(end: number, fileDevice: DeviceName | undefined): ScriptTest | undefined {
    const { header, first, last } = this;
    const at = header ?? first;
    const stop = last?.end ?? end;
    for (const { opener } of this.blocks.reverse()) this.reportMissingEnd(opener, stop);
    if (header && !first)
      this.mistakes.report('empty-block', header, 'This test has no steps.', undefined, 'warning');
    return (
      at && {
        name: header ? (header.operands?.name ?? '') : undefined,
        line: at.line,
        span: { start: at.start, end: stop },
        device: this.device ?? fileDevice,
        steps: this.steps,
        stores: this.stores,
      }
    );
  }

  /** Warns that no device is named above the first step. */
  reportMissingDevice(): void {
    if (this.first)
      this.mistakes.report(
        'no-device',
        this.first.keyword,
        'No device is named above this line. Write device ADDRESS at the top, or choose one when you run the script.',
        undefined,
        'warning',
      );
  }

  private addStep(statement: StatementOf<'store' | 'burst' | 'read' | 'expect' | 'sleep'>): void {
    const block = this.blocks.at(-1);
    if (block) block.empty = false;
    this.steps.push(statement as Step);
    let rounds = block?.times ?? 1;
    let length = 0;
    if (statement.kind === 'store' || statement.kind === 'burst') {
      if (statement.kind === 'burst') rounds *= statement.operands?.count.value ?? 1;
      length = statement.operands?.data.value.data.length ?? 0;
      this.stores += rounds;
      if (!this.reportedLimit)
        for (const diagnostic of checkStore(statement, this.mistakes.text)) this.mistakes.add(diagnostic);
    } else if (statement.kind === 'read') this.read = statement.operands?.length ?? 'unknown';
    else if (statement.kind === 'expect') length = this.checkExpect(statement);
    this.executedSteps += rounds;
    // The helper keeps data in units of 8 bytes.
    this.bytes += Math.ceil(length / 8) * 8;
    const { steps, bytes, total } = SCRIPT_LIMITS;
    if (this.steps.length > steps) this.reportLimit(statement, `A test can have at most ${steps} steps`);
    else if (this.bytes > bytes)
      this.reportLimit(statement, `A test can have at most ${bytes >> 20} MiB of data`);
    else if (this.executedSteps > total)
      this.reportLimit(statement, `A test can execute at most ${total} steps, including repeats`);
  }

  /** Reports a limit once per test. */
  private reportLimit(statement: Statement, sentence: string): void {
    if (!this.reportedLimit)
      this.mistakes.report('too-much', statement, `${sentence}. Split it into two tests.`);
    this.reportedLimit = true;
  }

  private openBlock(statement: StatementOf<'repeat'>): void {
    const block = this.blocks.at(-1);
    if (block) block.empty = false;
    const { depth, total } = SCRIPT_LIMITS;
    if (this.blocks.length === depth)
      this.mistakes.report('nested-too-deep', statement, `Repeats can be nested at most ${depth} deep.`);
    this.steps.push(statement as Step);
    // Bounded, so that the product stays a number that can be compared.
    const times = Math.min((block?.times ?? 1) * (statement.operands?.count ?? 1), Number.MAX_SAFE_INTEGER);
    this.blocks.push({ opener: statement, times, empty: true });
    if (times > total)
      this.reportLimit(statement, `A test can execute at most ${total} steps, including repeats`);
  }

  private closeBlock(statement: StatementOf<'end'>): void {
    const block = this.blocks.pop();
    if (block) this.steps.push(statement as Step);
    if (this.sawUnknownStatement) return;
    if (!block)
      this.mistakes.report(
        'extra-end',
        statement,
        'This end has no repeat. Remove it.',
        lineRemoval(this.mistakes.text, statement),
      );
    else if (block.empty)
      this.mistakes.report('empty-block', block.opener, 'This repeat has no steps.', undefined, 'warning');
  }

  private reportMissingEnd(opener: Statement, stop: number): void {
    const { text } = this.mistakes;
    const indent =
      /(?<![ \t])[ \t]*$/.exec(text.slice(lineStart(text, opener.start), opener.start))?.[0] ?? '';
    this.mistakes.report('missing-end', opener, 'This repeat has no end.', {
      title: 'Insert end',
      edits: [{ start: stop, end: stop, text: `\n${indent}end` }],
    });
  }

  private addExpectedError(statement: StatementOf<'expect error'>): void {
    const step = this.steps.at(-1);
    const { previous } = this;
    const isAccess = previous?.kind === 'store' || previous?.kind === 'read';
    if (!previous || (!isAccess && previous.kind !== 'unknown'))
      return this.mistakes.report(
        'expect-nothing',
        statement,
        previous?.kind === 'burst'
          ? 'A burst stops at its first failure, so it takes no expect error. Expect the error of a store.'
          : 'expect error must follow a store or read.',
      );
    if (previous.kind === 'read') this.read = 'failed';
    if (step && isAccess && statement.operands)
      step.error = { code: statement.operands.code, line: statement.line };
  }

  /** @returns how many bytes the helper has to keep for it */
  private checkExpect(statement: StatementOf<'expect'>): number {
    const { operands } = statement;
    if (this.read === undefined && !this.sawUnknownStatement)
      this.mistakes.report('expect-nothing', statement, 'This test has no read above this line.');
    else if (this.read === 'failed')
      this.mistakes.report(
        'expect-nothing',
        statement,
        'The read above is expected to fail, so it returns no bytes to compare.',
      );
    else if (typeof this.read === 'number' && operands) {
      const end = operands.at + operands.data.value.data.length;
      if (end > this.read)
        this.mistakes.report(
          'expect-past-read',
          operands.data,
          `The last read returns ${this.read} bytes, but this expects ${end}. Correct one of the two.`,
        );
    }
    const { data, mask } = operands?.data.value ?? {};
    return (data?.length ?? 0) + (mask?.length ?? 0);
  }
}
