import { isUtf8 } from 'node:buffer';
import type { MailLine } from './mailLine';

/** Bytes, one a UTF-16 code unit, as text: in the charset that was named, else UTF-8 where it is that, else Latin-1. */
export function decodeCharset(bytes: string, charset = ''): string {
  const buffer = Buffer.from(bytes, 'latin1');
  if (/^(iso-8859-1|latin-?1|windows-1252)$/i.test(charset)) return bytes;
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes;
}

/** Undoes quoted-printable; a line that goes on in the next one counts where it begins. Source: RFC 2045, section 6.7. */
function quotedPrintable(lines: readonly MailLine[]): MailLine[] {
  const out: MailLine[] = [];
  let begun: { parts: string[]; raw: number } | undefined;
  for (const { text, raw } of lines) {
    const line = text.replace(/(?<![ \t])[ \t]+$/, '');
    const soft = line.endsWith('=');
    const plain = (soft ? line.slice(0, -1) : line).replace(/=([0-9A-Fa-f]{2})/g, (_, code: string) =>
      String.fromCharCode(parseInt(code, 16)),
    );
    begun ??= { parts: [], raw };
    begun.parts.push(plain);
    if (soft) continue;
    out.push({ text: begun.parts.join(''), raw: begun.raw });
    begun = undefined;
  }
  if (begun) out.push({ text: begun.parts.join(''), raw: begun.raw });
  return out;
}

/** Undoes base64; every line gets the line of the file in which its first byte is written. Source: RFC 2045, section 6.8. */
function base64(lines: readonly MailLine[]): MailLine[] {
  const codes: string[] = [];
  const starts: { at: number; raw: number }[] = [];
  let length = 0;
  for (const { text, raw } of lines) {
    const code = text.replace(/[^A-Za-z0-9+/]/g, '');
    starts.push({ at: length, raw });
    codes.push(code);
    length += code.length;
  }
  const text = Buffer.from(codes.join(''), 'base64').toString('latin1');
  const out: MailLine[] = [];
  let from = 0;
  let index = 0;
  for (const line of text.split('\n')) {
    const at = Math.floor((from * 4) / 3);
    while ((starts[index + 1]?.at ?? Infinity) <= at) index++;
    out.push({ text: line, raw: starts[index]?.raw ?? 1 });
    from += line.length + 1;
  }
  return out;
}

const quotesOf = (text: string): number => /^(?:> ?)*/.exec(text)?.[0].replace(/ /g, '').length ?? 0;

/** Undoes format=flowed: spaces that were stuffed go, and lines that were broken are put together. Source: RFC 3676. */
function flowed(lines: readonly MailLine[], deleteSpace: boolean): MailLine[] {
  const out: MailLine[] = [];
  let open: { parts: string[]; raw: number; quotes: number } | undefined;
  const close = (): void => {
    if (open) out.push({ text: open.parts.join(''), raw: open.raw });
    open = undefined;
  };
  for (const { text: line, raw } of lines) {
    const quotes = quotesOf(line);
    // Lines quoted by hand with `> ` were not stuffed.
    const text = quotes === 0 && line.startsWith(' ') ? line.slice(1) : line;
    // An empty line of a diff is a single sign with a space behind it, and goes on nowhere.
    const goesOn = text.endsWith(' ') && text !== '-- ' && !/^(?:> ?)*[ +-]?\s*$/.test(text);
    const part = goesOn && deleteSpace ? text.slice(0, -1) : text;
    if (open && open.quotes === quotes) open.parts.push(text === part ? part.replace(/^(?:> ?)+/, '') : part);
    else {
      close();
      open = { parts: [part], raw, quotes };
    }
    if (!goesOn) close();
  }
  close();
  return out;
}

/** How the body of a mail, or of a part of it, was written. */
export interface BodyForm {
  readonly encoding: string;
  readonly charset: string;
  readonly flowed: boolean;
  readonly deleteSpace: boolean;
}

/**
 * The text of a body, line by line.
 * @param lines the lines as they stand in the file, each byte one UTF-16 code unit
 * @param form what the headers say about them; an unknown form is taken as plain text
 */
export function decodeBody(lines: readonly MailLine[], form: BodyForm): MailLine[] {
  const plain =
    form.encoding === 'quoted-printable'
      ? quotedPrintable(lines)
      : form.encoding === 'base64'
        ? base64(lines)
        : lines;
  const decoded = plain.map(({ text, raw }) => ({
    text: decodeCharset(text.replace(/\r$/, ''), form.charset),
    raw,
  }));
  return form.flowed ? flowed(decoded, form.deleteSpace) : decoded;
}
