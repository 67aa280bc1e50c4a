/**
 * Text that a peer said: a server, a helper, a kernel, a file name of somebody else's repository. It may hold what the place where it
 * is shown takes for a link, an icon, a command or an escape sequence.
 *
 * VS Code makes links of `[text](command:...)` in notifications and input boxes (src/vs/base/common/linkedText.ts), icons of `$(name)`
 * in labels (src/vs/base/common/iconLabels.ts), and links of URLs in output channels and terminals.
 */
import { errorMessage } from './errorMessage';

/** Unless a caller says otherwise, so much of a peer's text is shown. Characters. */
export const SHOWN_LENGTH = 500;

/** Controls, format characters (bidi marks among them), line and paragraph separators, private use, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;
/** The same without what makes lines and columns. */
const UNSEEN_IN_LINES = /[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** A blank breaks a link `[x](y)`, an icon `$(x)` and a URL, and leaves every word readable. */
const broken = (text: string): string =>
  text
    .replace(/\](?=\()/g, '] ')
    .replace(/\$(?=\()/g, '$ ')
    .replace(/:(?=\/\/)/g, ': ');

/** Printable ASCII in which nothing could be a link or an icon: nearly every text. */
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text) && !/\]\(|\$\(|:\/\//.test(text);

/** The bound, which leaves no half of a character. */
const cut = (text: string, limit: number): string =>
  text.length > limit ? text.slice(0, limit).replace(/[\ud800-\udbff]$/, '') + '…' : text;

/**
 * A peer's text on one line, harmless in every place that shows plain text: what cannot be seen becomes U+FFFD, links and
 * icons are broken by a blank, and it has a bound. Doing it twice changes nothing.
 */
export function neutralise(text: string, limit = SHOWN_LENGTH): string {
  // The bound first: a peer may send a megabyte. A text grows by a blank for a link; half more leaves room for all of them.
  const some = text.length > 2 * limit ? text.slice(0, 2 * limit) : text;
  return cut(isPlain(some) ? some : broken(some.replace(UNSEEN, '\uFFFD')), limit);
}

/** As {@link neutralise}, but lines and tabs stay. @param limit in characters, for all lines together */
export function neutraliseLines(text: string, limit = 100_000): string {
  const some = text.length > 2 * limit ? text.slice(0, 2 * limit) : text;
  return cut(
    isPlain(some) ? some : broken(some.replace(/\r\n/g, '\n').replace(UNSEEN_IN_LINES, '\uFFFD')),
    limit,
  );
}

/**
 * A peer's text as a type that no sink takes: not a notification, an input box, a tree, a terminal. What shows it calls
 * {@link RemoteText.toString} or {@link RemoteText.lines}, and gets harmless text.
 */
export class RemoteText {
  readonly #raw: string;

  constructor(raw: string) {
    this.#raw = raw;
  }

  /** One harmless line. */
  toString(): string {
    return neutralise(this.#raw);
  }

  /** One harmless line as a part of a sentence. */
  inSentence(): string {
    return neutralise(this.#raw, 200);
  }

  /** Harmless lines, for an output channel or a detail. */
  lines(limit?: number): string {
    return neutraliseLines(this.#raw, limit);
  }

  toJSON(): string {
    return this.toString();
  }

  /** Reads a fact out of the text. What is shown of it afterwards is the reader's affair: numbers, own words, harmless text. */
  read<T>(reader: (raw: string) => T): T {
    return reader(this.#raw);
  }

  has(pattern: RegExp): boolean {
    return pattern.test(this.#raw);
  }

  get isEmpty(): boolean {
    return this.#raw.trim() === '';
  }
}

/** What an error that a peer may have worded says: ssh2's errors carry the words of a server. */
export const wordsOf = (error: unknown): RemoteText => new RemoteText(errorMessage(error));
