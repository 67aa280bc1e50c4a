import assert from 'node:assert/strict';
import path from 'node:path';
import { analyse } from '../lint/analyse';
import { RuleSelection } from '../lint/enabledRules';
import { Project } from '../model/project';
import { CParser } from '../syntax/parser';
import { rules } from './rules';
import { readFixtures } from './testing/fixture';

/** A fixture's files by their names. */
type Files = ReadonlyMap<string, string>;

/** What people leave behind when they stop typing to look at the squiggles. */
const halfTyped = {
  'a function without its end': '\nstatic int half_typed(struct half *half)\n{\n\tif (half->',
  'a call without its end': '\nstatic void half_typed(struct half *half)\n{\n\tmutex_lock(&half->lock\n}\n',
  'a string without its end': '\nstatic void half_typed(void)\n{\n\tpr_info("half\n}\n',
  'a type without its end': '\nstruct half_typed {\n\tint half;\n',
};

const table = /^(?:static )?(?:const )?struct vfio_device_ops (\w+) = \{$[^]*?^\};$/gm;

/** A driver whose table of operations stands in a file of its own, as virtio's does; undefined when it has not just one. */
function withTableApart(files: Files): Files | undefined {
  const [[file, text] = ['', '']] = files;
  const [match, second] = text.matchAll(table);
  if (files.size !== 1 || !match || second || /#(if|else)/.test(match[0])) return undefined;
  const [whole, name] = match;
  // A macro that renames a function would stand in a header of the two.
  if (/^#define/m.test(text)) return undefined;
  const functions = [...whole.matchAll(/=\s*(?:\([^)]*\))?\s*(\w+)/g)].map(([, each]) => each);
  const visible = text
    .replace(whole, `extern const struct vfio_device_ops ${name};`)
    .replace(new RegExp(`^static ((?:[\\w*]+ +\\**)+\\s*(?:${functions.join('|')})\\()`, 'gm'), '$1');
  return new Map([
    [file, visible],
    [file.replace(/\.c$/, '_ops.c'), whole.replace(/^static /, '')],
  ]);
}

describe('other forms of the fixtures', () => {
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(path.resolve('dist/server'));
  });

  function findings(rule: string, files: Files): string[] {
    const project = new Project(parser);
    for (const [file, text] of files) project.add(file, text);
    return analyse(project, () => true, new RuleSelection({ all: true }))
      .findings.filter((finding) => finding.rule === rule)
      .map(({ path: file, start, end }) => project.file(file)?.source.text.slice(start, end) ?? '')
      .sort();
  }

  for (const rule of rules)
    it(`${rule.id}: beside half-typed code, and with the table in another file`, function () {
      this.timeout(60_000);
      for (const kind of ['found', 'silent'] as const)
        for (const { name, files: read } of readFixtures(rule.id, kind)) {
          const files = new Map(read.map(({ path: file, text }) => [file, text]));
          const usual = findings(rule.id, files);
          for (const [what, half] of Object.entries(halfTyped)) {
            const typed = new Map([...files].map(([file, text]) => [file, `${text}${half}`]));
            assert.deepEqual(findings(rule.id, typed), usual, `${kind}/${name}: ${what} at the end`);
          }
          const apart = withTableApart(files);
          if (apart) assert.deepEqual(findings(rule.id, apart), usual, `${kind}/${name}: two files`);
        }
    });
});
