/** A checked script: its tests and their steps. */
import type { Diagnostic, Span } from './diagnostic';
import type { StatementKind, StatementOf } from './statements';

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
