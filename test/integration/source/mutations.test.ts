import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { analyse } from '../../../server/lint/analyse';
import { Project } from '../../../server/model/project';
import { CParser } from '../../../server/syntax/parser';
import { mutations } from './mutationTable';

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) yield* sources(full);
    else if (/\.[ch]$/.test(name)) yield full;
  }
}

describe('real drivers that were broken', function () {
  this.timeout(300_000);

  it('are found in at least 95 of 100 cases, rule by rule', async () => {
    assert.ok(process.env.ISM_LINUX_SOURCE, 'ISM_LINUX_SOURCE must name the Linux source.');
    const parser = await CParser.load(path.resolve('dist/server'));
    const pci = path.join(process.env.ISM_LINUX_SOURCE, 'drivers/vfio/pci');
    const score = new Map<string, { made: number; found: number }>();
    const missed: string[] = [];
    const vfio = path.dirname(pci);
    const folders = readdirSync(pci).map((name) => path.join('pci', name));
    const others = ['platform', 'fsl-mc', 'cdx', '../../samples/vfio-mdev', '../s390/cio'];
    for (const driver of [...folders, ...others].filter((name) =>
      statSync(path.join(vfio, name)).isDirectory(),
    )) {
      const texts = new Map(
        [...sources(path.join(vfio, driver))].map((file) => [file, readFileSync(file, 'utf8')]),
      );
      // A second driver of the same kernel, so that what the kernel asks for is known.
      const peer = path.join(pci, 'vfio_pci.c');
      const original = new Project(parser);
      for (const [file, text] of [...texts, [peer, readFileSync(peer, 'utf8')] as const])
        original.add(file, text);
      const before = analyse(original, () => true).findings;
      for (const [file, text] of texts)
        for (const { rule, what, pattern, replacement, where } of mutations)
          for (const match of text.matchAll(pattern)) {
            if (where && !where(text, match.index)) continue;
            const mutant =
              text.slice(0, match.index) +
              replacement.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '') +
              text.slice(match.index + match[0].length);
            const project = new Project(parser, original);
            for (const [each, own] of texts) project.add(each, each === file ? mutant : own);
            project.add(peer, readFileSync(peer, 'utf8'));
            const count = (list: readonly { rule: string }[]): number =>
              list.filter((each) => each.rule === rule).length;
            const found = count(analyse(project, () => true).findings) > count(before);
            const entry = score.get(rule) ?? { made: 0, found: 0 };
            score.set(rule, { made: entry.made + 1, found: entry.found + (found ? 1 : 0) });
            if (!found)
              missed.push(
                `${driver}/${path.basename(file)}:${text.slice(0, match.index).split('\n').length}: ${rule}: ${what}`,
              );
          }
    }
    for (const [rule, { made, found }] of score)
      console.log(`      ${rule.padEnd(32)} ${String(found).padStart(4)} of ${String(made).padStart(4)}`);
    for (const [rule, { made, found }] of score)
      assert.ok(found >= 0.95 * made, `${rule}: ${found} of ${made}\n${missed.join('\n')}`);
    assert.ok(score.size >= 20, `${score.size} rules were tried`);
  });
});
