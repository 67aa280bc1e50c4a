import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CParser } from '../../../server/syntax/parser';
import { SourceFile } from '../../../server/syntax/sourceFile';
import { TreeCopies } from '../../support/treeCopies';
import { openSetup } from '../../../setup/context';
import { linuxSource } from '../../../setup/linuxSource';
import { cFiles, realTrees, releases } from './realTrees';

/** Nodes that the grammar cannot place after the rewrite, each with its reason: none, and there is none to accept. */
const accepted: ReadonlyMap<string, string> = new Map();

describe('error nodes in the real sources', function () {
  this.timeout(900_000);
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(path.resolve('dist/server'));
  });

  it(`the quick copies of all trees without errors are right: Linux ${releases.at(-1)}`, async () => {
    const { folder } = await linuxSource(openSetup(), releases.at(-1));
    const copies = await TreeCopies.load();
    let compared = 0;
    for (const { targets } of realTrees(folder))
      for (const file of targets.flatMap((target) => [...cFiles(target)])) {
        const source = new SourceFile(file, readFileSync(file, 'utf8'), parser);
        for (const item of source.items) compared += Number(copies.compare(source.rewrite(item)));
      }
    console.log(`      ${compared} items`);
    assert.ok(compared > 1000);
  });

  for (const release of releases)
    it(`there are none that nobody explained: Linux ${release}`, async () => {
      const { folder } = await linuxSource(openSetup(), release);
      const unexplained: string[] = [];
      for (const { name, targets } of realTrees(folder)) {
        let files = 0;
        let lines = 0;
        let errors = 0;
        for (const file of targets.flatMap((target) => [...cFiles(target)])) {
          const source = new SourceFile(file, readFileSync(file, 'utf8'), parser);
          files++;
          lines += source.lines.count;
          for (const item of source.items) {
            if (item.kind === 'directive') continue;
            for (const error of source.parse(item)?.errors ?? [{ start: 0, type: 'unparsed' }]) {
              errors++;
              const { line } = source.lines.position(item.start + error.start);
              const place = `${path.relative(folder, file)}:${line + 1}: ${error.type}`;
              if (!accepted.has(place)) unexplained.push(place);
            }
          }
        }
        console.log(`      ${name}: ${errors} error nodes in ${files} files, ${lines} lines`);
        assert.ok(files > 0, `${name} has files`);
      }
      assert.deepEqual(unexplained, []);
    });
});
