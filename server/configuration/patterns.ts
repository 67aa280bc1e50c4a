/** Patterns as in .gitignore, matched in time that grows with pattern times path and no faster. Source: gitignore(5). */

/** One part of a pattern between slashes, or `**`, which stands for any number of them. */
type Part = readonly Wild[] | '**';

/** A letter, any letter (`?`), any letters (`*`), or one of a set. */
type Wild = string | { readonly any: 'one' | 'many' } | { readonly set: RegExp };

interface Pattern {
  readonly parts: readonly Part[];
  readonly takesBack: boolean;
  readonly folderOnly: boolean;
}

/** The wildcards of one part; letter case does not count, as on the systems where it would surprise. */
function readPart(text: string): Part {
  if (text === '**') return '**';
  const wild: Wild[] = [];
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === '*') {
      if (at === 0 || text[at - 1] !== '*' || text[at - 2] === '\\') wild.push({ any: 'many' });
    } else if (letter === '?') wild.push({ any: 'one' });
    else if (letter === '[') {
      const set = readSet(text, at);
      if (!set) return [{ set: /[^\s\S]/ }];
      wild.push({ set: set.set });
      at = set.end;
    } else if (letter === '\\' && at + 1 < text.length) wild.push(text.charAt(++at).toLowerCase());
    else wild.push(letter.toLowerCase());
  }
  return wild;
}

/** `[a-z]` or `[!a-z]`, and where it ends; undefined for one that nobody closes, or that is none. */
function readSet(text: string, open: number): { readonly set: RegExp; readonly end: number } | undefined {
  let at = open + 1;
  const not = /[!^]/.test(text.charAt(at));
  if (not) at++;
  let inner = '';
  for (const first = at; at < text.length && (text[at] !== ']' || at === first); at++) {
    const escaped = text[at] === '\\' && at + 1 < text.length;
    if (escaped) at++;
    const letter = text.charAt(at);
    inner += letter === '-' && !escaped ? '-' : letter.replace(/[\\\]^[-]/, '\\$&');
  }
  if (at >= text.length) return undefined;
  try {
    return { set: new RegExp(`^[${not ? '^' : ''}${inner}]$`, 'i'), end: at };
  } catch {
    return undefined;
  }
}

/** A line of a list; undefined for a comment and for nothing. */
function readPattern(line: string): Pattern | undefined {
  if (line.startsWith('#')) return undefined;
  const takesBack = line.startsWith('!');
  let text = (takesBack ? line.slice(1) : line).replace(/^\\([#!])/, '$1');
  // Blanks at the end count only behind a backslash.
  while (/[ \t]$/.test(text) && !/\\[ \t]$/.test(text)) text = text.slice(0, -1);
  const folderOnly = text.endsWith('/');
  if (folderOnly) text = text.slice(0, -1);
  if (text === '') return undefined;
  const parts = text.replace(/^\//, '').split('/').map(readPart);
  // Without a slash in it a pattern fits at any depth.
  const anchored = text.includes('/');
  return { parts: anchored ? parts : ['**', ...parts], takesBack, folderOnly };
}

const isWild = (wild: Wild | undefined, letter: string): boolean =>
  typeof wild === 'string'
    ? wild === letter
    : wild !== undefined && ('set' in wild ? wild.set.test(letter) : wild.any === 'one');

/** Whether a name fits a part. Of several stars only the last one is tried again, since the others can take no more than they did. */
function fits(name: string, part: readonly Wild[]): boolean {
  const letters = name.toLowerCase();
  let at = 0;
  let in_ = 0;
  let star = -1;
  let mark = 0;
  while (in_ < letters.length) {
    const wild = part[at];
    if (typeof wild === 'object' && 'any' in wild && wild.any === 'many') {
      star = at++;
      mark = in_;
    } else if (at < part.length && isWild(wild, letters.charAt(in_))) {
      at++;
      in_++;
    } else if (star >= 0) {
      at = star + 1;
      in_ = ++mark;
    } else return false;
  }
  return part.slice(at).every((wild) => typeof wild === 'object' && 'any' in wild && wild.any === 'many');
}

/** Whether the names of a path, all of them, fit the parts. The same with `**` for a star, which here needs a name when it is last. */
function fitsPath(names: readonly string[], parts: readonly Part[]): boolean {
  let at = 0;
  let in_ = 0;
  let star = -1;
  let mark = 0;
  while (in_ < names.length) {
    const part = parts[at];
    if (part === '**') {
      if (at === parts.length - 1) return true;
      star = at++;
      mark = in_;
    } else if (part && fits(names[in_] ?? '', part)) {
      at++;
      in_++;
    } else if (star >= 0) {
      at = star + 1;
      in_ = ++mark;
    } else return false;
  }
  return at === parts.length;
}

/** A list of patterns as in .gitignore; the last one that fits counts. */
export class Patterns {
  private readonly patterns: readonly Pattern[];

  /** @param lines the patterns, each of which may be several lines */
  constructor(lines: readonly string[]) {
    this.patterns = lines.flatMap((each) => each.split(/\r?\n/)).flatMap((line) => readPattern(line) ?? []);
  }

  /**
   * Whether a path, or a folder on the way to it, fits.
   * @param path with slashes, from the folder that the patterns are of
   */
  match(path: string): boolean {
    const names = path.split('/');
    for (let count = 1; count <= names.length; count++) {
      const isFolder = count < names.length;
      const on = names.slice(0, count);
      const last = this.patterns.findLast(
        ({ parts, folderOnly }) => (isFolder || !folderOnly) && fitsPath(on, parts),
      );
      // What is in a folder that is out cannot be taken back.
      if (last && !last.takesBack) return true;
    }
    return false;
  }
}
