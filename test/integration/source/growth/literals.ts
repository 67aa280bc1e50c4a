import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type TypeScript from 'typescript';

/** A regular expression of the sources. */
export interface Literal {
  /** Its file and line. */
  readonly at: string;
  readonly source: string;
  readonly flags: string;
}

/** Every regular expression that is written in the sources of some folders, without those of tests. */
export function literals(root: string, folders: readonly string[]): Literal[] {
  // The compiler is too large for the bundles of the tests.
  const ts = createRequire(path.join(root, 'package.json'))('typescript') as typeof TypeScript;
  const found: Literal[] = [];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => path.join(folder, name)),
  );
  for (const file of files.sort()) {
    const text = readFileSync(path.join(root, file), 'utf8');
    const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: TypeScript.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const [, source, flags] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
        const { line } = parsed.getLineAndCharacterOfPosition(node.getStart());
        found.push({ at: `${file}:${line + 1}`, source: source ?? '', flags: flags ?? '' });
      }
      ts.forEachChild(node, visit);
    };
    visit(parsed);
  }
  return found;
}
