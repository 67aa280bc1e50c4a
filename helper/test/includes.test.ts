/** No cycles among the helper's C files: they could only be understood, and tested, together. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { helperSources } from '../build';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The files' includes below helper/: `from` maps a file to its node. */
function includes(files: readonly string[], from: (file: string) => string): Graph {
  const graph = new Map<string, Set<string>>();
  for (const file of files) {
    const known = graph.get(from(file)) ?? new Set();
    graph.set(from(file), known);
    for (const [, header] of readFileSync(path.join('helper', file), 'utf8').matchAll(
      /^#include "([^"]+)"/gm,
    ))
      if (header && from(header) !== from(file)) known.add(from(header));
  }
  return graph;
}

/** A cycle as the names along it, or undefined. */
function cycle(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): readonly string[] | undefined => {
    const at = way.indexOf(name);
    if (at >= 0) return [...way.slice(at), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const found = visit(next, [...way, name]);
      if (found) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const found = visit(name, []);
    if (found) return found;
  }
  return undefined;
}

describe("the helper's #includes", () => {
  const files = helperSources('.').names;

  it('name headers by their path below helper/', () => {
    assert.ok(files.length > 80);
    for (const [file, headers] of includes(files, (name) => name))
      for (const header of headers) assert.ok(files.includes(header), `${file} includes ${header}`);
  });

  it('have no cycle of files (a .c file and its header count as one)', () =>
    assert.equal(cycle(includes(files, (file) => file.replace(/\.[ch]$/, '')))?.join(' -> '), undefined));

  it('have no cycle of folders', () =>
    assert.equal(cycle(includes(files, (file) => path.dirname(file)))?.join(' -> '), undefined));

  it('are searched by a check that finds a planted cycle', () => {
    const graph = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
    ]);
    assert.deepEqual(cycle(graph), ['b', 'c', 'b']);
  });
});
