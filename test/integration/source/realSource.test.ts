import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { analyse } from '../../../server/lint/analyse';
import { concernsRules } from '../../../server/sources/readText';
import { lint } from '../../../server/commandLine/lintFiles';
import { Project } from '../../../server/model/project';
import { CParser } from '../../../server/syntax/parser';
import { SourceFile } from '../../../server/syntax/sourceFile';

const wasm = path.resolve('dist/server');
const rule = 'region-info-unknown-index';
const trees = ['drivers/vfio', 'samples/vfio-mdev'];

/** The Linux source that the test runner unpacked. */
function linux(): string {
  const folder = process.env.ISM_LINUX_SOURCE;
  assert.ok(
    folder,
    'ISM_LINUX_SOURCE must name a folder with the Linux source (drivers/vfio, samples/vfio-mdev).',
  );
  return folder;
}

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) yield* sources(full);
    else if (/\.[ch]$/.test(name)) yield full;
  }
}

/** A call that hands a request for region info on to vfio-pci-core, with the `return` before it. */
const delegation = /\breturn\s+vfio_pci_(?:ioctl_get_region_info|core_ioctl)\s*\([^;]*;/g;

/** Every version of a text in which one delegation refuses instead. */
function* refusing(text: string): Generator<{ line: number; text: string }> {
  for (const match of text.matchAll(delegation)) {
    const line = text.slice(0, match.index).split('\n').length;
    yield {
      line,
      text: `${text.slice(0, match.index)}return -EINVAL;${text.slice(match.index + match[0].length)}`,
    };
  }
}

/** Whether a delegation is the one a handler of region info uses, and not that of another ioctl. */
function concernsRegionInfo(text: string, line: number): boolean {
  const before = text.split('\n').slice(0, line);
  const head = before.findLastIndex((each) => /^[a-z]/.test(each));
  const end = text.split('\n').findIndex((each, at) => at >= line && each.startsWith('}'));
  const body = text.split('\n').slice(head, end).join('\n');
  // A switch over the ioctl's number that has a case for region info delegates the other requests in its default.
  return /region_info|GET_REGION_INFO/.test(body) && !/case VFIO_DEVICE_GET_REGION_INFO:/.test(body);
}

describe('ism-lint on the real drivers', function () {
  this.timeout(60_000);
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(wasm);
  });

  it('finds the one place in the ISM driver and nothing else', async () => {
    const result = await lint(
      trees.map((tree) => path.join(linux(), tree)),
      wasm,
    );
    assert.deepEqual(result.skipped, []);
    const found = result.findings.filter((finding) => finding.rule === rule);
    assert.deepEqual(
      found.map((finding) => [path.relative(linux(), finding.path), finding.function]),
      [['drivers/vfio/pci/ism/main.c', 'ism_vfio_pci_ioctl_get_region_info']],
    );
    const [finding] = found;
    assert.ok(finding);
    assert.equal(readFileSync(finding.path, 'utf8').slice(finding.start, finding.end), 'default:');
    assert.ok(finding.related.some((related) => related.message.includes('ISM_VFIO_PCI_INDEX_TO_OFFSET')));
  });

  it('finds every delegation of a real driver that is replaced by an error', () => {
    const pci = path.join(linux(), 'drivers/vfio/pci');
    const drivers = readdirSync(pci).filter((name) => statSync(path.join(pci, name)).isDirectory());
    let mutants = 0;
    const missed: string[] = [];
    for (const driver of drivers) {
      const texts = new Map(
        [...sources(path.join(pci, driver))].map((file) => [file, readFileSync(file, 'utf8')]),
      );
      for (const [file, original] of texts)
        for (const mutant of refusing(original)) {
          if (!concernsRegionInfo(original, mutant.line)) continue;
          mutants++;
          const project = new Project(parser);
          for (const [each, text] of texts) project.add(each, each === file ? mutant.text : text);
          const found = analyse(project, (each) => each === file).findings.filter(
            (finding) => finding.rule === rule,
          );
          if (found.length !== 1) missed.push(`${driver}, line ${mutant.line}: ${found.length} findings`);
        }
    }
    assert.ok(mutants >= 3, `there are real drivers to mutate, and ${mutants} were`);
    assert.deepEqual(missed, []);
  });

  it('keeps every line and column in the rewrite', () => {
    for (const file of trees.flatMap((tree) => [...sources(path.join(linux(), tree))])) {
      const text = readFileSync(file, 'utf8');
      const source = new SourceFile(file, text, parser);
      for (const item of source.items) {
        const rewritten = source.rewrite(item).slice(0, item.end - item.start);
        assert.equal(rewritten.length, item.end - item.start);
        const original = text.slice(item.start, item.end);
        assert.deepEqual(
          rewritten.split('\n').map((line) => line.length),
          original.split('\n').map((line) => line.length),
        );
      }
    }
  });

  it('reads files that do not concern it no further than to know that', () => {
    const main = readFileSync(path.join(linux(), 'drivers/vfio/pci/ism/main.c'), 'utf8');
    assert.equal(concernsRules(main), true);
    assert.equal(concernsRules('int main(void) { return 0; }'), false);
  });
});
