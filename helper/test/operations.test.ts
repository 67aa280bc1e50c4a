/** Every operation of the helper is in SECURITY.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { operations } from '../../protocol/helperDescription';

/** The names in backquotes of the first column of a table that has one of them. */
function table(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? '')
    .flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name ?? ''));
}

describe('the operations of the helper', () => {
  const names = Object.keys(operations);

  it('are each in the table of SECURITY.md exactly once', () =>
    assert.deepEqual(table('SECURITY.md').sort(), [...names].sort()));
});
