import type { FilePatch, Hunk } from './filePatch';
import { HunkReader, readHunkHeader } from './hunkReader';
import type { Message } from './mailLine';
import { foreignPrefixes, gitNames, pathOf, unquoteName, withoutPrefix } from './pathNames';
import { patchDepths, unquote, type QuotedLine } from './quoting';

/** A file of a patch while it is read. */
interface Draft {
  oldPath: string | undefined;
  newPath: string | undefined;
  change: FilePatch['change'];
  readonly hunks: Hunk[];
  readonly raw: number;
  readonly quoted: boolean;
  unsupported: string | undefined;
  /** Whether the lines `---` and `+++` were seen. */
  named: boolean;
  /** Whether git says that its two names differ on purpose. */
  renamed: boolean;
}

/** Whether the time behind a name is the beginning of all times, anywhere: so `diff -N` says that there is no such file. */
const isNever = (text: string): boolean => /\t(1970-01-01|1969-12-31) /.test(text);

/** A file with what its header said, also of the side on which it does not exist. */
type ReadFile = FilePatch & { readonly header: Pick<Draft, 'oldPath' | 'newPath' | 'renamed'> };

/** Reads the patch that stands at one depth of quotation in a mail. */
class PatchReader {
  private readonly files: ReadFile[] = [];
  private draft: Draft | undefined;
  private hunk: HunkReader | undefined;
  private aside: QuotedLine[] = [];
  /** Lines that look like context behind a hunk that is full. */
  private behind: QuotedLine[] = [];
  /** Whether something came behind the hunk that is none of its lines. */
  private isOver = false;

  constructor(private readonly depth: number) {}

  read(lines: readonly QuotedLine[]): ReadFile[] {
    lines.forEach((line, at) => {
      if (line.depth !== this.depth) this.aside.push(line);
      else this.line(line, lines[at + 1]);
    });
    this.endFile();
    return this.files;
  }

  private line(line: QuotedLine, next: QuotedLine | undefined): void {
    const { text, raw } = line;
    const between = this.aside;
    this.aside = [];
    if (this.hunk && !this.hunk.isFull && !this.begins(text, next)) {
      this.hunk.interrupt(between);
      this.hunk.take(line);
      return;
    }
    if (this.hunk?.isFull && this.overflows(line)) return;
    const header = readHunkHeader(text);
    if (header) {
      this.endHunk();
      this.draft ??= this.begin(raw);
      this.hunk = new HunkReader(header, raw);
    } else if (this.draft?.named && /^@@(?!@)/.test(text)) {
      // A header written by hand may lack the numbers, or have invalid ones.
      this.endHunk();
      this.hunk = new HunkReader(undefined, raw);
    } else if (/^@@@+ /.test(text) || /^diff --(cc|combined) /.test(text)) {
      if (text.startsWith('diff')) this.begin(raw, text.replace(/^diff --(cc|combined) /, ''));
      this.refuse(raw, 'It is a combined diff of a merge. Make a diff against one parent.');
    } else if (/^diff --git /.test(text)) this.gitHeader(text, raw);
    else if (/^--- \S/.test(text) && next && /^\+\+\+ \S/.test(next.text)) {
      if (!this.draft || this.draft.named || this.draft.hunks.length > 0) this.begin(raw);
      if (this.draft) this.draft.oldPath = pathOf(text.slice(4));
      if ((pathOf(text.slice(4)) === undefined || isNever(text)) && this.draft) this.draft.change = 'new';
    } else if (/^\+\+\+ \S/.test(text)) {
      if (!this.draft || this.draft.named) this.begin(raw);
      if (!this.draft) return;
      this.draft.named = true;
      this.draft.newPath = pathOf(text.slice(4));
      if (this.draft.newPath === undefined || isNever(text)) this.draft.change = 'deleted';
    } else if (this.draft && !this.hunk) this.extended(text, raw);
    // Where the header of the hunk was cut out, its added lines still say that there is one.
    if (!this.hunk && this.depth > 0 && /^\+(?!\+\+ )/.test(text)) {
      this.draft ??= this.begin(raw);
      this.hunk = new HunkReader(undefined, raw);
      this.hunk.take(line);
    }
  }

  /**
   * Whether a line belongs to a hunk that has all its header promises: people who edit a patch by hand add lines and
   * forgets the header. Context counts only with another change behind it, and nothing does behind an empty line.
   */
  private overflows(line: QuotedLine): boolean {
    if (!this.hunk || this.depth > 0 || this.isOver) return false;
    if (line.text.startsWith(' ')) {
      this.behind.push(line);
      return false;
    }
    this.isOver = !/^\+(?!\+\+ )|^-(?!-)/.test(line.text);
    if (this.isOver) return false;
    for (const each of [...this.behind, line]) this.hunk.takeMore(each);
    this.behind = [];
    return true;
  }

  /** Whether a line inside a hunk begins something else, although the hunk is not full. */
  private begins(text: string, next: QuotedLine | undefined): boolean {
    if (/^(diff --(git|cc|combined) |@@@? -\d)/.test(text)) return true;
    return /^--- (a\/|\/dev\/null)/.test(text) && next !== undefined && /^\+\+\+ (b\/|\/dev)/.test(next.text);
  }

  private begin(raw: number, path?: string): Draft {
    this.endFile();
    this.draft = {
      oldPath: path,
      newPath: path,
      change: 'modified',
      hunks: [],
      raw,
      quoted: this.depth > 0,
      unsupported: undefined,
      named: false,
      renamed: false,
    };
    return this.draft;
  }

  private gitHeader(text: string, raw: number): void {
    const [first, second] = gitNames(text.slice('diff --git '.length).trimEnd());
    const same = pathOf(first) === pathOf(second) ? pathOf(first) : pathOf(second.split(' ').at(-1) ?? '');
    this.begin(raw, same);
  }

  private extended(text: string, raw: number): void {
    const { draft } = this;
    if (!draft) return;
    if (text.startsWith('new file mode')) draft.change = 'new';
    else if (text.startsWith('deleted file mode')) draft.change = 'deleted';
    else if (/^(rename|copy) from /.test(text)) {
      draft.oldPath = unquoteName(text.replace(/^\w+ from /, ''));
      draft.renamed = true;
    } else if (/^(rename|copy) to /.test(text)) draft.newPath = unquoteName(text.replace(/^\w+ to /, ''));
    else if (/^GIT binary patch|^Binary files .* differ/.test(text))
      this.refuse(raw, 'It is a binary patch.');
  }

  private refuse(raw: number, why: string): void {
    this.endHunk();
    (this.draft ??= this.begin(raw)).unsupported = why;
  }

  private endHunk(): void {
    if (this.hunk) this.draft?.hunks.push(this.hunk.finish());
    this.hunk = undefined;
    this.behind = [];
    this.isOver = false;
  }

  private endFile(): void {
    this.endHunk();
    const { draft } = this;
    if (draft && (draft.named || draft.hunks.length > 0 || draft.unsupported !== undefined || draft.oldPath))
      this.files.push({
        ...draft,
        ...(draft.change === 'new' ? { oldPath: undefined } : {}),
        ...(draft.change === 'deleted' ? { newPath: undefined } : {}),
        header: draft,
      });
    this.draft = undefined;
  }
}

/** The C file that the lines of a diffstat name, when it is one: it stands in for a header that was cut out. */
function fileOfDiffstat(lines: readonly QuotedLine[]): string | undefined {
  const named = new Set(
    lines.flatMap(({ text }) => /^\s*([\w./+-]+\.[ch])\s+\|\s+\d+ \+*-*\s*$/.exec(text)?.[1] ?? []),
  );
  return named.size === 1 ? [...named][0] : undefined;
}

/**
 * The patches that a mail contains, at whatever depth of quotation, in the order of the mail.
 * @param message the mail
 */
export function readPatch(message: Message): FilePatch[] {
  const lines = message.lines.map(unquote);
  const files = patchDepths(lines)
    .flatMap((depth) => new PatchReader(depth).read(lines))
    .sort((a, b) => a.raw - b.raw);
  const only = fileOfDiffstat(lines);
  const prefixes = foreignPrefixes(files.map(({ header }) => header).filter(({ renamed }) => !renamed));
  return files
    .map((file) => ({
      ...file,
      oldPath: withoutPrefix(file.oldPath, prefixes),
      newPath: withoutPrefix(file.newPath, prefixes),
    }))
    .map((file) =>
      file.oldPath === undefined && file.newPath === undefined && file.change === 'modified'
        ? { ...file, newPath: only ?? 'unnamed.c', oldPath: only ?? 'unnamed.c' }
        : file,
    );
}
