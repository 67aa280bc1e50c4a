import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What shows its first argument to the user. */
const SHOWS =
  /(^|\.)(UserError|UnreachableError|show(Information|Warning|Error)Message|setStatusBarMessage)$/;

/** Texts that are written where they are shown, instead of going through the translator. */
function bareTexts(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const shows =
      (ts.isCallExpression(node) || ts.isNewExpression(node)) && SHOWS.test(node.expression.getText());
    const text = shows ? node.arguments?.[0] : undefined;
    if (text && (ts.isStringLiteralLike(text) || ts.isTemplateExpression(text)))
      found.push(`${file}: ${text.getText()}`);
    // Titles, prompts and placeholders of lists and input boxes.
    if (
      ts.isPropertyAssignment(node) &&
      /^(title|prompt|placeHolder|detail|tooltip)$/.test(node.name.getText()) &&
      ts.isStringLiteralLike(node.initializer) &&
      /[a-z]{3,} [a-z]{2,}/i.test(node.initializer.text)
    )
      found.push(`${file}: ${node.initializer.text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('texts that people read', () => {
  it('go through the translator', () => {
    const files = readdirSync('client', { recursive: true, encoding: 'utf8' }).filter(
      // ism-run is a program of the terminal, where VS Code translates nothing.
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^run[\\/]/.test(name),
    );
    assert.ok(files.length > 50);
    assert.deepEqual(
      files.flatMap((name) => bareTexts(path.join('client', name))),
      [],
    );
  });
});
