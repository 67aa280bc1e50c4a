/** Reads the fixtures of the rules: their files, what their heads stand for, and the marks in their text. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Where the fixtures are: `RULE/found/` and `RULE/silent/`, and the shared heads in `include/`. */
export const fixturesFolder = path.resolve('server/rules/fixtures');

/** The texts that a fixture includes by `//- include: NAME`. */
const headsFolder = path.join(fixturesFolder, 'include');

const includeLine = /^\/\/- include: (\S+)$/;

/** The text behind a mark, which begins a comment of either kind; undefined without the mark. */
function behindMark(line: string, mark: string): string | undefined {
  const at = Math.max(line.indexOf(`// ${mark}: `), line.indexOf(`/* ${mark}: `));
  return at < 0 ? undefined : line.slice(at + mark.length + '// : '.length);
}

/**
 * The expected finding of a line, `RULE "first line of the marked text"`: written behind `// expect: `, or in a macro in a comment of
 * the other kind, with the backslash behind it.
 */
function expectedIn(line: string): string | undefined {
  const text = behindMark(line, 'expect');
  return text?.slice(0, text.lastIndexOf('"') + 1);
}

/** The reason why a rule misses the mistake of a line, written behind `// miss: `. */
const missedIn = (line: string): string | undefined => behindMark(line, 'miss')?.trimEnd();

/** A line in a fixture's file, counted from one. */
export interface MarkedLine {
  readonly line: number;
  /** `RULE "marked text"` of an expectation; the reason of a miss. */
  readonly text: string;
}

/** One file of a fixture. */
export interface FixtureFile {
  readonly path: string;
  /** The text as the rules read it: heads stand in the place of the lines that include them. */
  readonly text: string;
  readonly expected: readonly MarkedLine[];
  readonly misses: readonly MarkedLine[];
  /** The line of the fixture for a line of {@link text}, both from one; for a line of a head the line that includes it. */
  ownLine(line: number): number;
  /** The file that a line of {@link text} was written in, a head or the fixture, and its line there, both from one. */
  origin(line: number): { readonly name: string; readonly line: number };
}

/** One example for a rule: a file, or a folder of files that belong together. */
export interface Fixture {
  readonly rule: string;
  readonly kind: 'found' | 'silent';
  /** The name of the file or folder. */
  readonly name: string;
  /** Where the findings are pinned; only a fixture with findings or known misses has this file. */
  readonly expectedFile: string;
  readonly files: readonly FixtureFile[];
}

/**
 * Reads a file of a fixture.
 * @throws {Error} when it includes a head that does not exist
 */
export function readFixtureFile(file: string): FixtureFile {
  const ownLines = readFileSync(file, 'utf8').split('\n');
  const lines: string[] = [];
  const ownNumbers: number[] = [];
  const origins: { readonly name: string; readonly line: number }[] = [];
  const expected: MarkedLine[] = [];
  const misses: MarkedLine[] = [];
  for (const [index, own] of ownLines.entries()) {
    const [, head] = includeLine.exec(own) ?? [];
    const text = head === undefined ? own : readFileSync(path.join(headsFolder, head), 'utf8').trimEnd();
    for (const [at, line] of text.split('\n').entries()) {
      lines.push(line);
      ownNumbers.push(index + 1);
      origins.push(
        head === undefined ? { name: path.basename(file), line: index + 1 } : { name: head, line: at + 1 },
      );
    }
    const expectation = expectedIn(own);
    if (expectation !== undefined) expected.push({ line: index + 1, text: expectation });
    const miss = missedIn(own);
    if (miss !== undefined) misses.push({ line: index + 1, text: miss });
  }
  return {
    path: file,
    text: lines.join('\n'),
    expected,
    misses,
    ownLine: (line) => ownNumbers[line - 1] ?? ownLines.length,
    origin: (line) => origins[line - 1] ?? { name: path.basename(file), line: ownLines.length },
  };
}

function filesOf(place: string): FixtureFile[] {
  if (!statSync(place).isDirectory()) return [readFixtureFile(place)];
  return readdirSync(place)
    .sort()
    .map((name) => readFixtureFile(path.join(place, name)));
}

/** Reads the fixtures of a rule that show what it finds, or where it stays silent. */
export function readFixtures(rule: string, kind: Fixture['kind']): Fixture[] {
  const folder = path.join(fixturesFolder, rule, kind);
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.expected'))
    .sort()
    .map((name) => ({
      rule,
      kind,
      name,
      expectedFile: path.join(folder, `${name.replace(/\.[ch]$/, '')}.expected`),
      files: filesOf(path.join(folder, name)),
    }));
}

/** Reads every C file of every rule's fixtures. */
export function allFixtureFiles(): FixtureFile[] {
  return readdirSync(fixturesFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[ch]$/.test(name) && !name.startsWith(`include${path.sep}`))
    .sort()
    .map((name) => readFixtureFile(path.join(fixturesFolder, name)));
}
