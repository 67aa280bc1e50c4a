import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { suppressCommand, suppressComment } from '../../protocol/lint';
import { CParser } from '../syntax/parser';
import { codeActions } from './codeActions';
import { hoverAt } from './hover';
import { Linter } from './linter';

const fixtures = path.resolve('server/rules/fixtures');
const uri = 'untitled:main.c';

describe('quick fixes', () => {
  let linter: Linter;
  before(async () => {
    linter = new Linter(await CParser.load(path.resolve('dist/server')));
  });

  const rules = (text: string): string[] =>
    linter.lintFolder('.', [{ uri, text }]).flatMap(({ findings }) => findings.map(({ rule }) => rule));

  it('turn a refusal into a delegation, and leave nothing to find', () => {
    const text = readFileSync(
      path.join(fixtures, 'region-info-unknown-index/found/default-return.c'),
      'utf8',
    );
    assert.deepEqual(rules(text), ['region-info-unknown-index']);
    const line = text.split('\n').findIndex((each) => each.includes('default:'));
    const at = { line, character: 2 };
    const [fix] = codeActions(uri, { start: at, end: at }, linter, true);
    assert.equal(fix?.title, 'Pass other regions to vfio-pci-core');
    assert.equal(fix.isPreferred, true);
    const edits = fix.edit?.changes?.[uri] ?? [];
    const fixed = TextDocument.applyEdits(TextDocument.create(uri, 'c', 1, text), edits);
    assert.match(fixed, /default:.*\n\t\treturn vfio_pci_ioctl_get_region_info\(core_vdev, info, caps\);/);
    assert.deepEqual(rules(fixed), []);
  });

  it('ask for the reason of a suppression, or leave its place empty', () => {
    const text = readFileSync(path.join(fixtures, 'region-rw-unknown-index/found/default-returns.c'), 'utf8');
    assert.deepEqual(rules(text), ['region-rw-unknown-index']);
    const line = text.split('\n').findIndex((each) => each.includes('// expect'));
    const range = { start: { line, character: 0 }, end: { line, character: 3 } };
    const asked = codeActions(uri, range, linter, true).find(({ command }) => command !== undefined);
    assert.deepEqual(
      [asked?.command?.command, asked?.command?.arguments],
      [suppressCommand, [{ uri, rule: 'region-rw-unknown-index', line, indent: '\t', ending: '\n' }]],
    );
    const plain = codeActions(uri, range, linter, false).at(-1);
    const changed = TextDocument.applyEdits(
      TextDocument.create(uri, 'c', 1, text),
      plain?.edit?.changes?.[uri] ?? [],
    );
    assert.deepEqual(rules(changed), ['region-rw-unknown-index'], 'without a reason it has no effect');
    const reason = suppressComment('region-rw-unknown-index', 'no other */ region');
    assert.deepEqual(rules(changed.replace(/\/\* ism-lint-ignore.*/, reason)), []);
  });

  it('report suppressions that are of no use', () => {
    const text = readFileSync(path.join(fixtures, 'region-rw-unknown-index/silent/delegates.c'), 'utf8');
    const comment = (rule: string): string => `/* ism-lint-ignore ${rule}: a reason */\n`;
    assert.deepEqual(rules(comment('region-rw-unknown-index') + text), ['unused-suppression']);
    assert.deepEqual(rules(comment('region-rw-unknown') + text), ['unknown-suppression']);
  });
});

describe('hover', () => {
  it('tells what an identifier means, and nothing of others', () => {
    const line = '\tcase VFIO_PCI_BAR2_REGION_INDEX: return __zpci_store_block(data, req, off);';
    assert.match(hoverAt(line, 10)?.text ?? '', /Region 2: BAR 2\./);
    const store = hoverAt(line, line.indexOf('store_block'));
    assert.match(store?.text ?? '', /maxstbl/);
    assert.equal(line.slice(store?.start, store?.end), '__zpci_store_block');
    assert.equal(hoverAt(line, line.indexOf('data')), undefined);
    assert.equal(hoverAt('', 0), undefined);
  });
});
