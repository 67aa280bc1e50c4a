/** No text of a peer gets around the sinks, and none of them makes a link, an icon or an escape sequence of it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { ESLint } from 'eslint';
import { forLog, forRow, forTerminal, forWidget } from './plainText';

const HOSTILE = '[x](command:evil) $(pass) https://e.org \u001b[2J\u009b1m \u202e\u200b a\r\nb\tc';

describe('places where text reaches people', () => {
  for (const [name, sink] of Object.entries({ forWidget, forRow, forLog, forTerminal }))
    it(`${name} leaves no control, no mark that hides text, and its own lines`, () => {
      const shown = sink(HOSTILE);
      assert.doesNotMatch(shown, /[^\P{Cc}\n\t]|\p{Cf}/u);
      assert.match(shown, /a\nb\tc$/);
      assert.equal(sink(shown), shown);
      assert.equal(sink('Stored 8 bytes – done.'), 'Stored 8 bytes – done.');
    });

  it('make no link and no icon where VS Code would', () => {
    for (const sink of [forWidget, forRow, forLog]) assert.doesNotMatch(sink(HOSTILE), /\]\(|\$\(/);
    assert.doesNotMatch(forLog(HOSTILE), /:\/\//);
  });

  it('are the only ones: ESLint refuses the way around each', async () => {
    const eslint = new ESLint({ cwd: path.resolve('.') });
    const configured = (await eslint.calculateConfigForFile('client/extension.ts')) as {
      rules: Record<string, unknown>;
    };
    const rule = configured.rules['no-restricted-syntax'] as [number, ...object[]];
    const alone = new ESLint({
      cwd: path.resolve('.'),
      overrideConfigFile: true,
      overrideConfig: [{ rules: { 'no-restricted-syntax': ['error', ...rule.slice(1)] as never } }],
    });
    const around = [
      ...['Error', 'Warning', 'Information'].map((kind) => `vscode.window.show${kind}Message('x');`),
      'vscode.window.showQuickPick([]);',
      'vscode.window.showInputBox({});',
      'vscode.window.createInputBox();',
      'vscode.window.createQuickPick();',
      'vscode.window.createTerminal();',
      'vscode.window.withProgress({}, f);',
      "vscode.window.setStatusBarMessage('x');",
      "new vscode.MarkdownString('x');",
      "new vscode.TestMessage('x');",
      "vscode.TestMessage.diff('x', 'a', 'b');",
      "new vscode.Diagnostic(r, 'x');",
      "new vscode.DiagnosticRelatedInformation(l, 'x');",
      'new vscode.CodeLens(r, c);',
      "run.appendOutput('x');",
      "controller.createTestItem('x', 'y');",
      "console.log('x');",
      "process.stdout.write('x');",
      "process.stderr.write('x');",
    ];
    for (const text of around) {
      const [result] = await alone.lintText(text);
      assert.match(result?.messages[0]?.message ?? 'nothing', /through client\/sinks\//, text);
    }
  }).timeout(60_000);
});
