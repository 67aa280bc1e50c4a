/** Store scripts in the language server, spoken to over standard input and output. */
import assert from 'node:assert/strict';
import type { CodeAction, CompletionItem, Hover, TextEdit } from 'vscode-languageserver/node';
import { LanguageServer } from '../../test/support/languageServer';
import { formatted, hoverAt, suggestionsAt } from './scriptFeatures';

const uri = 'file:///somewhere/first.ism';

describe('a store script in the language server', function () {
  this.timeout(20_000);
  let client: LanguageServer;
  beforeEach(async () => {
    client = new LanguageServer();
    await client.start();
  });
  afterEach(() => client.stop());

  it('has diagnostics with codes that follow the typing, and fixes', async () => {
    const text = 'device 0051:00:00.0\nstroe bar0 8 hex 00112233 44556677\n';
    const { diagnostics } = await client.open(uri, text);
    assert.deepEqual(
      diagnostics.map(({ code, source, severity, range }) => [code, source, severity, range]),
      [
        [
          ...['unknown-statement', 'ism-script', 1],
          { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } },
        ],
      ],
    );
    const range = diagnostics[0]?.range;
    const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      ...{ textDocument: { uri }, range, context: { diagnostics } },
    });
    assert.deepEqual(
      actions.map(({ title, edit }) => [title, edit?.changes?.[uri]]),
      [['Change to store', [{ range, newText: 'store' }]]],
    );
    assert.deepEqual((await client.edit(uri, text, 'stroe', 'store')).diagnostics, []);
  });

  it('is completed, explained and formatted', async () => {
    await client.open(
      uri,
      'device 0051:00:00.0\nrepeat 2\nstore bar0 0x102800010 hex 0000000000000000\nend\n',
    );
    const at = (line: number, character: number) => ({
      textDocument: { uri },
      position: { line, character },
    });
    const items = await client.connection.sendRequest<CompletionItem[]>('textDocument/completion', at(2, 6));
    assert.ok(items.some(({ label, detail }) => label === 'bar0' && /move space/.test(detail ?? '')));
    const hover = await client.connection.sendRequest<Hover>('textDocument/hover', at(2, 14));
    assert.deepEqual(hover.contents, {
      kind: 'markdown',
      value: '`0x102800010`: token 0x100000000, index 2, signal, offset 0x10',
    });
    const edits = await client.connection.sendRequest<TextEdit[]>('textDocument/formatting', {
      ...{ textDocument: { uri }, options: { tabSize: 2, insertSpaces: true } },
    });
    assert.match(edits[0]?.newText ?? '', /\n {2}store/);
  });
});

describe('completion in a store script', () => {
  const labels = (text: string): string[] => suggestionsAt(text, text.length).map(({ label }) => label);
  const cases: [string, string[], string[]][] = [
    ['', ['store', 'device', 'end'], ['bar0', 'hex']],
    ['sto', ['store'], []],
    ['store ', ['bar0', 'config'], ['store', 'hex']],
    ['let sink = 8\nstore bar0 ', ['sink', 'token:', 'hex', 'u64be'], ['bar0']],
    ['let sink = 8\nstore bar0 sink he', ['hex'], ['store']],
    ['burst ', [], ['bar0']],
    ['burst 3 ', ['bar0'], ['hex']],
    ['burst 3 bar0 0 counter 8 ', ['from', 'step'], ['bar0']],
    ['burst 3 bar0 0 random 8 ', ['seed'], ['step']],
    ['store bar0 0 hex 00 ', [], ['step', 'hex']],
    ['burst 3 bar0 0 hex 00 ', ['step'], ['hex']],
    ['expect ', ['hex', 'at', 'error'], ['bar0']],
    ['expect error ', ['EIO', 'short'], ['hex']],
    ['sleep 10', ['10ms', '10us'], []],
    ['device ', ['fid'], []],
    ['# sto', [], ['store']],
    ['test "sto', [], ['store']],
    ['poke ', [], ['store']],
  ];
  for (const [text, there, absent] of cases)
    it(`after ${JSON.stringify(text)}`, () => {
      const found = labels(text);
      for (const label of there) assert.ok(found.includes(label), `${label} in ${found.join()}`);
      for (const label of absent) assert.ok(!found.includes(label), `${label} in ${found.join()}`);
    });

  it('and hovers explain words, names and data', () => {
    const text = 'let sink = 4K\nstore bar0 sink counter 8 from 1';
    const said = (word: string): string | undefined => hoverAt(text, text.lastIndexOf(word) + 1)?.text;
    assert.match(said('store') ?? '', /^`store REGION OFFSET DATA`/);
    assert.match(said('bar0') ?? '', /move space/);
    assert.match(said('sink') ?? '', /^`0x1000`: token 0x0, index 0, offset 0x1000$/);
    assert.match(said('counter') ?? '', /8 bytes here/);
    assert.equal(hoverAt(text, 5)?.text, '`sink` is `0x1000`');
    assert.equal(hoverAt('\n\n', 1), undefined);
  });

  it('and formatting indents what tests and repeats contain, and nothing twice', () => {
    const text =
      'device 0051:00:00.0\n test "a"  \nrepeat 2\r\n      sleep 1ms # x \nend\nend\n\ntest "b"\nsleep 1s';
    const after =
      'device 0051:00:00.0\ntest "a"\n  repeat 2\r\n    sleep 1ms # x\n  end\n  end\n\ntest "b"\n  sleep 1s';
    assert.equal(formatted(text), after);
    assert.equal(formatted(after), after);
  });
});
