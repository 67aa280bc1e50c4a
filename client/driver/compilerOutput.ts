/** What gcc, clang and modpost say, as messages with places. Pure: paths are as the compiler spells them until they are mapped. */

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In bytes from 1; 0 when the compiler named none. */
  readonly column: number;
}

export interface CompilerMessage extends Place {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** `-Wunused-variable`, when the compiler says which option made it warn. */
  readonly option?: string;
  readonly related: readonly (Place & { readonly message: string })[];
}

/** A complaint without a place: modpost about a symbol, make about anything. */
export interface Unplaced {
  readonly message: string;
  readonly symbol?: string;
}

const MESSAGE = /^(.+?):(\d+)(?::(\d+))?: (fatal error|error|warning|note): (.*)$/;
const INCLUDED = /^(?:In file included| {4,}) ?from (.+?):(\d+)(?::(\d+))?[,:]$/;
const INCLUDED_HERE = 'included from here';
const MODPOST = /^ERROR: modpost: (.*)$/;
const SYMBOL = /^"([^"]+)" \[/;
const OPTION = / \[(-W[\w=+-]+)(?:,-W[\w=+-]+)*\]$/;

interface Draft {
  place: Place;
  severity: 'error' | 'warning';
  message: string;
  option: string | undefined;
  related: (Place & { message: string })[];
}

/**
 * @param output standard error and output of make, in the C locale
 * @param original the user's file for a file that the compiler named, undefined for files of others: a message in one of
 * those, as in a macro of a kernel header, is placed where the user's file used it
 */
export function readCompilerOutput(
  output: string,
  original: (file: string) => string | undefined,
): { readonly messages: CompilerMessage[]; readonly unplaced: Unplaced[] } {
  const drafts: Draft[] = [];
  const unplaced: Unplaced[] = [];
  let includes: (Place & { message: string })[] = [];
  for (const line of output.split(/\r?\n/)) {
    const included = INCLUDED.exec(line);
    if (included) {
      includes.push({ ...placeOf(included), message: INCLUDED_HERE });
      continue;
    }
    const found = MESSAGE.exec(line);
    if (found) {
      const [, , , , kind, text = ''] = found;
      const place = placeOf(found);
      const last = drafts.at(-1);
      if (kind === 'note') last?.related.push({ ...place, message: text });
      else {
        const option = OPTION.exec(text)?.[1];
        drafts.push({
          ...{ place, severity: kind === 'warning' ? 'warning' : 'error', option },
          ...{ message: option ? text.replace(OPTION, '') : text, related: includes },
        });
      }
      includes = [];
      continue;
    }
    const modpost = MODPOST.exec(line)?.[1];
    if (modpost !== undefined) {
      const symbol = SYMBOL.exec(modpost)?.[1];
      unplaced.push({ message: modpost, ...(symbol ? { symbol } : {}) });
    }
  }
  const messages = drafts.map((draft) => placed(draft, original));
  // A macro that evaluates its argument twice lets the compiler say the same twice.
  const keyOf = ({ file, line, column, message }: CompilerMessage): string =>
    [file, line, column, message].join('\0');
  const first = new Map<string, CompilerMessage>();
  for (const message of messages) if (!first.has(keyOf(message))) first.set(keyOf(message), message);
  return { messages: [...first.values()], unplaced };
}

const placeOf = ([, file = '', line, column]: RegExpExecArray): Place => ({
  ...{ file, line: Number(line), column: Number(column ?? 0) },
});

function placed(draft: Draft, original: (file: string) => string | undefined): CompilerMessage {
  const { place, severity, message, option, related } = draft;
  const mapped = related.map((one) => ({ ...one, file: original(one.file) ?? one.file }));
  const base = { severity, message, ...(option ? { option } : {}) };
  const own = original(place.file);
  if (own !== undefined) return { ...base, ...place, file: own, related: mapped };
  // The line that uses a macro says more than the one that includes its header.
  const isOwn = (one: Place): boolean => original(one.file) !== undefined;
  const used = related.findIndex((one) => isOwn(one) && one.message !== INCLUDED_HERE);
  const at = used >= 0 ? used : related.findIndex(isOwn);
  const use = mapped[at];
  if (!use) return { ...base, ...place, related: mapped };
  const { file, line, column } = use;
  const others = mapped.filter((_, index) => index !== at);
  return { ...base, file, line, column, related: [{ ...place, message }, ...others] };
}
