/** What the lines mean together: tests and their steps, blocks, what an `expect` belongs to, and the limits of stores. */
import { SCRIPT_LIMITS } from '../protocol/runOperations';
import type { Diagnostic, DiagnosticCode, Fix, Severity, Span } from './diagnostic';
import { parse } from './parser';
import type { Statement, StatementKind, StatementOf } from './statements';
import { checkStore } from './storeChecks';

/** A step in the order of the text. Of a script that may not be run, operands may be missing. */
export type Step = { readonly [K in StepKind]: Complete<K> }[StepKind] & {
  /** Which failure a store or read has to have, and the line that says so. */
  error?: { readonly code: string; readonly line: number };
};
type StepKind = 'store' | 'burst' | 'read' | 'expect' | 'sleep' | 'repeat' | 'end';
type Complete<K extends StatementKind> = StatementOf<K> & {
  readonly operands: NonNullable<StatementOf<K>['operands']>;
};

/** Which function: by its address, or by its FID as the kernel writes it. */
export interface DeviceName {
  readonly by: 'address' | 'fid';
  readonly value: string;
}

export interface ScriptTest {
  /** Undefined for the one test of a file that names none. */
  readonly name: string | undefined;
  /** Of its `test` line, or of its first step. */
  readonly line: number;
  readonly span: Span;
  /** Undefined when neither it nor the file names one. */
  readonly device: DeviceName | undefined;
  readonly steps: readonly Step[];
  /** How many stores it sends when it runs to its end. */
  readonly stores: number;
}

export interface Script {
  readonly tests: readonly ScriptTest[];
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  readonly names: ReadonlyMap<string, bigint | undefined>;
}

/** Whether a script may be run: nothing in it is wrong. */
export const isRunnable = (script: Script): boolean =>
  script.diagnostics.every(({ severity }) => severity !== 'error');

/** Reads and checks a script. Never throws, whatever the text is. */
export function check(text: string): Script {
  const { statements, diagnostics, names } = parse(text);
  const checker = new Checker(text, diagnostics);
  for (const statement of statements) checker.take(statement);
  checker.end();
  const sorted = checker.diagnostics.sort((a, b) => a.start - b.start || a.end - b.end);
  return { tests: checker.tests, diagnostics: sorted, names };
}

/** A `repeat` that is open. */
interface Block {
  readonly opener: Statement;
  /** How often its lines are carried out, with those around it. */
  readonly times: number;
  empty: boolean;
}

class Checker {
  readonly tests: ScriptTest[] = [];
  private readonly testNames = new Set<string>();
  private fileDevice: DeviceName | undefined;
  private fileDeviceSeen = false;

  // Of the test that is being read.
  private header: StatementOf<'test'> | undefined;
  private device: DeviceName | undefined;
  private deviceSeen = false;
  private steps: Step[] = [];
  private first: Statement | undefined;
  private last: Statement | undefined;
  private blocks: Block[] = [];
  private before: Statement | undefined;
  /** The last read: undefined before any, `unknown` when its line is wrong, `failed` when it is expected to fail. */
  private read: number | 'unknown' | 'failed' | undefined;
  private total = 0;
  private stores = 0;
  private bytes = 0;
  private tooMuch = false;
  private strange = false;

  /** Where lines begin that have an error. */
  private readonly wrongLines = new Set<number>();

  readonly diagnostics: Diagnostic[] = [];

  constructor(
    private readonly text: string,
    found: readonly Diagnostic[],
  ) {
    for (const diagnostic of found) this.add(diagnostic);
  }

  take(statement: Statement): void {
    if (statement.kind === 'let') return;
    if (statement.kind === 'device') return this.takeDevice(statement);
    if (statement.kind === 'test') {
      if (this.header || this.first) this.endTest(statement.start);
      this.header = statement;
      this.last = statement;
      this.nameTest(statement);
      return;
    }
    this.first ??= statement;
    this.last = statement;
    if (statement.kind === 'unknown') this.strange = true;
    else if (statement.kind === 'expect error') this.takeError(statement);
    else if (statement.kind === 'end') this.takeEnd(statement);
    else this.takeStep(statement);
    this.before = statement;
  }

  end(): void {
    if (this.header || this.first) this.endTest(this.text.length);
  }

  private tell(
    code: DiagnosticCode,
    span: Span,
    message: string,
    fix?: Fix,
    severity: Severity = 'error',
  ): void {
    const { start, end } = span;
    this.add({ code, severity, start, end, message, ...(fix ? { fix } : {}) });
  }

  /** A line has one mistake: what else seems wrong with it may be its consequence. */
  private add(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') {
      const line = this.text.lastIndexOf('\n', diagnostic.start - 1) + 1;
      if (this.wrongLines.has(line)) return;
      this.wrongLines.add(line);
    }
    this.diagnostics.push(diagnostic);
  }

  private takeDevice(statement: StatementOf<'device'>): void {
    const seen = this.header ? this.deviceSeen : this.fileDeviceSeen;
    if (seen || this.first)
      this.tell(
        'misplaced-device',
        statement,
        this.first
          ? 'A device stands before the first step; begin a test of its own for another function.'
          : 'There is a device already; remove one of the two.',
        lineRemoval(this.text, statement),
      );
    else if (this.header) this.device = statement.operands;
    else this.fileDevice = statement.operands;
    if (this.header) this.deviceSeen = true;
    else this.fileDeviceSeen = true;
  }

  private nameTest(statement: StatementOf<'test'>): void {
    const name = statement.operands?.name;
    if (name === undefined) return;
    if (this.testNames.has(name))
      this.tell('duplicate-test', statement, 'There is a test of this name already; choose another one.');
    this.testNames.add(name);
  }

  private takeStep(statement: StatementOf<'store' | 'burst' | 'read' | 'expect' | 'sleep' | 'repeat'>): void {
    const block = this.blocks.at(-1);
    const times = block?.times ?? 1;
    if (block) block.empty = false;
    if (statement.kind === 'repeat') return this.takeRepeat(statement, times);
    this.steps.push(statement as Step);
    let rounds = times;
    let length = 0;
    if (statement.kind === 'store' || statement.kind === 'burst') {
      const { operands } = statement;
      if (statement.kind === 'burst') rounds *= statement.operands?.count.value ?? 1;
      length = operands?.data.value.data.length ?? 0;
      this.stores += rounds;
      if (!this.tooMuch) for (const diagnostic of checkStore(statement, this.text)) this.add(diagnostic);
    } else if (statement.kind === 'read') this.read = statement.operands?.length ?? 'unknown';
    else if (statement.kind === 'expect') {
      length = this.takeExpect(statement);
    }
    this.total += rounds;
    this.bytes += Math.ceil(length / 8) * 8;
    const { steps, bytes, total } = SCRIPT_LIMITS;
    if (this.steps.length > steps) this.much(statement, `A test has at most ${steps} steps`);
    else if (this.bytes > bytes) this.much(statement, `A test has at most ${bytes >> 20} MiB of data`);
    else if (this.total > total) this.much(statement, `A test carries out at most ${total} steps in all`);
  }

  /** Told once a test. */
  private much(statement: Statement, sentence: string): void {
    if (!this.tooMuch) this.tell('too-much', statement, `${sentence}; make two tests of it.`);
    this.tooMuch = true;
  }

  private takeRepeat(statement: StatementOf<'repeat'>, times: number): void {
    if (this.blocks.length === SCRIPT_LIMITS.depth)
      this.tell('nested-too-deep', statement, `Repeats can be nested ${SCRIPT_LIMITS.depth} deep at most.`);
    this.steps.push(statement as Step);
    // Bounded, so that the product stays a number that can be compared.
    const product = Math.min(times * (statement.operands?.count ?? 1), Number.MAX_SAFE_INTEGER);
    this.blocks.push({ opener: statement, times: product, empty: true });
    if (product > SCRIPT_LIMITS.total)
      this.much(statement, `A test carries out at most ${SCRIPT_LIMITS.total} steps in all`);
  }

  private takeEnd(statement: StatementOf<'end'>): void {
    this.steps.push(statement as Step);
    const block = this.blocks.pop();
    if (!block) {
      this.steps.pop();
      // An unreadable line before it may have been the repeat.
      if (!this.strange)
        this.tell(
          'extra-end',
          statement,
          'There is no repeat that this end could belong to.',
          lineRemoval(this.text, statement),
        );
    } else if (block.empty && !this.strange)
      this.tell('empty-block', block.opener, 'Nothing is repeated here.', undefined, 'warning');
  }

  private takeError(statement: StatementOf<'expect error'>): void {
    const step = this.steps.at(-1);
    const { before } = this;
    const isAccess = before?.kind === 'store' || before?.kind === 'read';
    if (!before || (!isAccess && before.kind !== 'unknown'))
      return this.tell(
        'expect-nothing',
        statement,
        before?.kind === 'burst'
          ? 'A burst ends at its first failure; expect an error of a store.'
          : 'expect error belongs into the line after a store or read.',
      );
    if (before.kind === 'read') this.read = 'failed';
    if (step && isAccess && statement.operands)
      step.error = { code: statement.operands.code, line: statement.line };
  }

  /** @returns how many bytes the helper has to keep for it */
  private takeExpect(statement: StatementOf<'expect'>): number {
    const { operands } = statement;
    if (this.read === undefined && !this.strange)
      this.tell('expect-nothing', statement, 'There is no read above this line in its test.');
    else if (this.read === 'failed')
      this.tell(
        'expect-nothing',
        statement,
        'The read before this line is expected to fail, so it has no bytes to compare.',
      );
    else if (typeof this.read === 'number' && operands) {
      const end = operands.at + operands.data.value.data.length;
      if (end > this.read)
        this.tell(
          'expect-past-read',
          operands.data,
          `The last read gives ${this.read} bytes, and ${end} are expected; correct one of the two.`,
        );
    }
    const { data, mask } = operands?.data.value ?? {};
    return (data?.length ?? 0) + (mask?.length ?? 0);
  }

  /** @param end where the text of the test ends */
  private endTest(end: number): void {
    const { header, first, last } = this;
    const stop = last?.end ?? end;
    for (const { opener } of this.blocks.splice(0).reverse()) {
      const indent =
        /(?<![ \t])[ \t]*$/.exec(this.text.slice(lineStart(this.text, opener.start), opener.start))?.[0] ??
        '';
      this.tell('missing-end', opener, 'The end of this repeat is missing.', {
        title: 'Insert end',
        edits: [{ start: stop, end: stop, text: `\n${indent}end` }],
      });
    }
    if (header && !first) this.tell('empty-block', header, 'This test has no steps.', undefined, 'warning');
    const seen = this.deviceSeen || this.fileDeviceSeen;
    if (first && !seen && this.tests.every(({ device }) => device !== undefined))
      this.tell(
        'no-device',
        first.keyword,
        'No device is named above this line; write device ADDRESS at the top, or name one when the script is run.',
        undefined,
        'warning',
      );
    const at = header ?? first;
    if (at)
      this.tests.push({
        name: header ? (header.operands?.name ?? '') : undefined,
        line: at.line,
        span: { start: at.start, end: stop },
        device: this.device ?? this.fileDevice,
        steps: this.steps,
        stores: this.stores,
      });
    this.header = this.device = this.first = this.last = this.before = this.read = undefined;
    this.deviceSeen = this.tooMuch = this.strange = false;
    this.steps = [];
    this.total = this.stores = this.bytes = 0;
  }
}

/** Where the line of a place begins. */
const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Removes a line with its break. */
function lineRemoval(text: string, { start, end }: Span): Fix {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  return {
    title: 'Remove the line',
    edits: [{ start: from, end: next < 0 ? text.length : next + 1, text: '' }],
  };
}
