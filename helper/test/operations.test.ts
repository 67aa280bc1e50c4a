/** Every operation of the helper is described where people look for it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resultSchemas } from '../../protocol/helper';

/** The names in backquotes of the first column of a table that has one of them. */
function table(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? '')
    .flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name ?? ''));
}

describe('the operations of the helper', () => {
  const source = readFileSync('helper/operations/operations.c', 'utf8');
  const body = source.slice(source.indexOf('operations[] = {'), source.indexOf('operation_find('));
  const names = [...body.matchAll(/^\t\{"([a-z-]+)",/gm)].map(([, name]) => name ?? '');

  it('are those of the protocol', () => {
    assert.ok(names.length > 25);
    assert.deepEqual([...names].sort(), Object.keys(resultSchemas).sort());
  });

  it('are each in the table of what it can reach, once, and no other is', () =>
    assert.deepEqual(table('SECURITY.md').sort(), [...names].sort()));

  it('are each in the table of the protocol', () => {
    const told = table('helper/protocol.md');
    for (const name of names) assert.ok(told.includes(name), name);
  });
});
