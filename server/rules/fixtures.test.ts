import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { analyse } from '../lint/analyse';
import { RuleSelection } from '../lint/enabledRules';
import { Project } from '../model/project';
import { CParser } from '../syntax/parser';
import { rules } from './rules';

const fixtures = path.resolve('server/rules/fixtures');

/**
 * The expectations of a fixture: `// expect: RULE "the first line of the marked text"` on the line of the finding; in a
 * macro as a comment of the other kind, with the backslash behind it.
 */
const expectation = /(?:\/\/|\/\*) expect: ([\w-]+) "(.*)"\s*(?:\*\/\s*\\)?$/;

function expected(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, at) => {
    const match = expectation.exec(line.replace(/\r$/, ''));
    return match ? [`${path.basename(file)}:${at + 1} ${match[1]} "${match[2]}"`] : [];
  });
}

describe('rules on their fixtures', () => {
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(path.resolve('dist/server'));
  });

  for (const rule of rules)
    for (const kind of ['found', 'silent']) {
      const folder = path.join(fixtures, rule.id, kind);
      for (const name of readdirSync(folder).sort())
        it(`${rule.id}: ${kind}: ${name}`, () => {
          const full = path.join(folder, name);
          const files = statSync(full).isDirectory()
            ? readdirSync(full).map((each) => path.join(full, each))
            : [full];
          const project = new Project(parser);
          const expectations: string[] = [];
          for (const file of files) {
            const text = readFileSync(file, 'utf8');
            project.add(file, text);
            expectations.push(...expected(file, text));
          }
          const found = analyse(project, () => true, new RuleSelection({ all: true })).findings.filter(
            (finding) => finding.rule === rule.id,
          );
          const actual = found.map((finding) => {
            const source = project.file(finding.path)?.source;
            const line = (source?.lines.position(finding.start).line ?? -1) + 1;
            const marked = source?.text
              .slice(finding.start, finding.end)
              .split(/\r?\n/)[0]
              ?.replace(/\/\/ expect.*/, '');
            return `${path.basename(finding.path)}:${line} ${finding.rule} "${marked}"`;
          });
          assert.deepEqual(actual.sort(), expectations.sort());
          assert.equal(expectations.length > 0, kind === 'found', 'a fixture expects what its folder says');
        });
    }
});
