/**
 * What is generated from protocol/helperDescription.ts and protocol/helperLimits.ts: two headers of the helper and the page
 * of its protocol. helper/test/protocol.test.ts compares them with the files and writes them with UPDATE_REFERENCE=1.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  limitSentences,
  noteCodes,
  operations,
  ownCodes,
  scriptSteps,
  type Field,
  type Fields,
  type OperationDescription,
} from '../protocol/helperDescription';
import { resultSchemas, StoreRule } from '../protocol/helper';
import { LIMITS, type LimitName } from '../protocol/helperLimits';

const BANNER = `/*
 * Generated from protocol/ by helper/reference.ts; do not edit. UPDATE_REFERENCE=1 with the unit
 * tests of helper/ writes it.
 */
/* clang-format off */
`;

const header = (guard: string, body: string): string =>
  `/* SPDX-License-Identifier: MIT */\n${BANNER}#ifndef ${guard}\n#define ${guard}\n\n${body}\n#endif\n`;

const constant = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const LIMIT_ROWS = (Object.entries(LIMITS) as [LimitName, number][]).map(
  ([name, value]) => [name, value, limitSentences[name]] as const,
);

function limits(): string {
  const rows = LIMIT_ROWS.map(
    ([name, value, sentence]) =>
      `/* ${sentence.replaceAll('`', '')} */\n#define ${constant(name)} ${value}\n`,
  );
  return header('ISM_PROTOCOL_LIMITS_H', rows.join('\n'));
}

const namesOf = (fields: readonly string[]): string =>
  fields.length > 0 ? `{${fields.map((name) => `"${name}"`).join(', ')}}` : '{NULL}';

const macro = (name: string, rows: readonly string[]): string =>
  `#define ${name} \\\n${rows.map((row) => `\t${row},`).join(' \\\n')}\n`;

const entriesOf = (): [string, OperationDescription][] => Object.entries(operations);

function rows(): string {
  const flagsOf = (operation: OperationDescription): string =>
    [operation.whileRunning && 'OP_WHILE_RUNNING', operation.needsRoot && 'OP_NEEDS_ROOT']
      .filter(Boolean)
      .join(' | ') || '0';
  const all = entriesOf().map(
    ([name, operation]) =>
      `{"${name}", ${namesOf(Object.keys(operation.fields))}, ${flagsOf(operation)}, op_${name.replaceAll('-', '_')}}`,
  );
  const steps = Object.entries(scriptSteps).map(
    ([name, { fields }]) =>
      `{"${name}", SCRIPT_${name.toUpperCase()}, ${namesOf(['do', ...Object.keys(fields)])}}`,
  );
  const most = (of: readonly { fields: Fields }[]): number =>
    Math.max(...of.map(({ fields }) => Object.keys(fields).length));
  return header(
    'ISM_OPERATION_ROWS_H',
    [
      `/* The most fields, and the NULL that ends them. */\n#define MAX_FIELDS ${most(Object.values(operations)) + 1}`,
      `/* The same for a step, which has "do" as well. */\n#define MAX_STEP_FIELDS ${most(Object.values(scriptSteps)) + 2}\n`,
      `/* Rows of struct operation. */\n${macro('OPERATION_ROWS', all)}`,
      `/* Rows of struct form: the steps of a script. */\n${macro('SCRIPT_STEP_ROWS', steps)}`,
    ].join('\n'),
  );
}

function formOf(field: Field): string {
  switch (field.form) {
    case 'number':
      return `${field.min} to ${field.max ?? '2^63 - 1'}`;
    case 'hex64':
      return '64-bit hex';
    case 'data':
      return `hex digits, at most ${field.maxBytes} bytes`;
    case 'boolean':
      return '`true` or `false`';
    case 'text':
      return field.of;
    case 'list':
      return field.max === undefined
        ? `list of ${field.of}`
        : `${field.min ?? 0} to ${field.max} ${field.of}`;
    case 'object':
      return `object with ${field.of}`;
  }
}

const fieldsCell = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, field]) => `\`${name}\`${field.optional ? '?' : ''}: ${formOf(field)}`)
    .join('<br>');

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The names in a result, out of its schema. */
function resultOf(name: string): string {
  const schema: unknown = resultSchemas[name as keyof typeof resultSchemas];
  const entries = (schema as { entries?: object }).entries ?? {};
  return Object.keys(entries)
    .map((entry) => `\`${entry}\``)
    .join(', ');
}

function sections(): Readonly<Record<string, string>> {
  const marks = (operation: OperationDescription): string =>
    [operation.whileRunning && 'while a burst or script runs', operation.needsRoot && 'needs root']
      .filter(Boolean)
      .join(', ');
  return {
    operations: table(
      ['Operation', 'Fields', 'What it does', 'Result', 'Notes'],
      entriesOf().map(([name, operation]) => [
        `\`${name}\``,
        fieldsCell(operation.fields),
        operation.does,
        resultOf(name),
        marks(operation),
      ]),
    ),
    steps: table(
      ['`do`', 'Fields', 'What it does'],
      Object.entries(scriptSteps).map(([name, { fields, does }]) => [
        `\`${name}\``,
        fieldsCell(fields),
        does,
      ]),
    ),
    limits: table(
      ['Limit', 'Value', 'Of what'],
      LIMIT_ROWS.map(([name, value, sentence]) => [`\`${constant(name)}\``, String(value), sentence]),
    ),
    codes: table(
      ['Code', 'Meaning'],
      Object.entries({ ...ownCodes, ...noteCodes }).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
    rules: StoreRule.options.map((rule) => `- \`${rule}\``).join('\n'),
  };
}

function page(root: string): string {
  const generated = sections();
  const template = readFileSync(path.join(root, 'helper', 'protocol.template.md'), 'utf8');
  const text = template.replaceAll(/<!-- ([a-z]+) -->/g, (_, name: string) => {
    const section = generated[name];
    if (section === undefined)
      throw new Error(`helper/protocol.template.md has an unknown section '${name}'`);
    return section;
  });
  return `<!-- Generated from helper/protocol.template.md and protocol/ by helper/reference.ts; do not edit. -->\n\n${text}`;
}

/** The generated files by their path below the checkout. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  return new Map([
    ['helper/base/protocol_limits.h', limits()],
    ['helper/operations/operation_rows.h', rows()],
    ['docs/reference/helper-protocol.md', page(root)],
  ]);
}
