import { withoutBlockComments } from '../syntax/comments';
import { SourceFile } from '../syntax/sourceFile';
import type { CParser } from '../syntax/parser';
import { FileModel, type FunctionModel } from './c/fileModel';

/** What macro bodies are about when it is worth to read them as code. */
const telling = /\b(__zpci_\w+|zpci_(load|store)\w*|copy_(to|from)_user|ioctl|p(read|write)64?)\s*\(/;

/** Whether the last statement of some code is a name alone. */
function endsWithName(code: string): boolean {
  const last = code.trimEnd().replace(/;$/, '').trimEnd();
  const name = /(?<!\w)\w+$/.exec(last);
  return name !== null && /[;}]$/.test(last.slice(0, name.index).trimEnd());
}

/** The same text as code: no directive, no line ends that go on, pasted names as one name; every offset stays true. */
function asCode(text: string): string | undefined {
  const head = /^#[ \t]*define[ \t]+\w+(\([^)]*\))?/.exec(text)?.[0];
  if (head === undefined) return undefined;
  const body = text
    .slice(head.length)
    .replace(/\\(\r?\n)/g, ' $1')
    .replace(/[ \t]##[ \t]|##/g, (paste) => '_'.repeat(paste.length))
    .replace(/#(\w)/g, ' $1');
  const trimmed = withoutBlockComments(body).trim();
  if (trimmed === '') return undefined;
  if (/^(static\s|int\s|void\s|long\s|ssize_t\s|inline\s)/.test(trimmed) && /\)\s*\{/.test(trimmed))
    return ' '.repeat(head.length) + body;
  // What a macro without a statement gives goes to whoever uses it.
  if (!/[;{]/.test(trimmed)) return undefined;
  // What a statement expression gives goes to whoever uses it: only where that is a variable are its statements all there is.
  const inner = /^\(\{([\s\S]*)\}\)$/.exec(trimmed)?.[1];
  if (inner !== undefined) {
    if (!endsWithName(inner)) return undefined;
    const open = body.indexOf('(');
    const close = body.lastIndexOf(')');
    const code = `${body.slice(0, open)} ${body.slice(open + 1, close)} ${body.slice(close + 1)}`;
    return `int m(){`.padEnd(head.length) + code + ';}';
  }
  // A statement needs a function around it: its first line has just enough room for one.
  return `int m(){`.padEnd(head.length) + body + ';}';
}

/**
 * How many characters may be blanked in all so that the macros of one file keep their offsets. A header of 100 KB with a hundred
 * such macros stays below; a file that holds thousands would take more memory than there is.
 */
const maxBlank = 16 * 1024 * 1024;

const read = new WeakMap<FileModel, readonly FunctionModel[]>();

/**
 * The functions of a file and the macros of it that hold code a rule is about, each as a function of its own whose
 * offsets are those of the file.
 * @param file the file
 * @param parser the grammar
 */
export function units(file: FileModel, parser: CParser): readonly FunctionModel[] {
  let known = read.get(file);
  if (!known) {
    const macros: FunctionModel[] = [];
    const { source } = file;
    let blanked = 0;
    for (const item of source.items) {
      if (item.kind !== 'directive') continue;
      const text = source.text.slice(item.start, item.end);
      const code = telling.test(text) ? asCode(text) : undefined;
      if (code === undefined) continue;
      blanked += item.end;
      if (blanked > maxBlank) break;
      // The rest of the file is blank, so that every offset of the macro stays what it is.
      const blank = ' '.repeat(item.start);
      const model = new FileModel(
        new SourceFile(source.path, blank + code, parser, undefined, source.wrappers),
      );
      macros.push(...[...model.functions.values()].flat());
    }
    known = [...[...file.functions.values()].flat(), ...macros];
    read.set(file, known);
  }
  return known;
}
