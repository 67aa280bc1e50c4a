import type { MailLine, Message } from './mailLine';
import { decodeBody, decodeCharset, type BodyForm } from './transfer';

/** Parts within parts deeper than this are no mail that a person sent. */
const maxDepth = 8;

/** How many characters of a header count. */
const maxHeader = 10_000;

type Headers = ReadonlyMap<string, string>;

/** A header's encoded words as text. Source: RFC 2047. */
function words(value: string): string {
  return value
    .replace(/(=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?([^?\s]+)\?([BbQq])\?([^?\s]*)\?=/g, (_, charset: string, kind: string, text: string) => {
      const bytes = /b/i.test(kind)
        ? Buffer.from(text, 'base64').toString('latin1')
        : text
            .replace(/_/g, ' ')
            .replace(/=([0-9A-Fa-f]{2})/g, (__, code: string) => String.fromCharCode(parseInt(code, 16)));
      return decodeCharset(bytes, charset);
    });
}

/** The headers at the beginning of some lines and where the body begins; undefined when there are none. */
function readHeaders(lines: readonly MailLine[]): { headers: Headers; body: number } | undefined {
  const headers = new Map<string, string>();
  let name = '';
  let at = 0;
  for (; at < lines.length; at++) {
    const text = (lines[at]?.text ?? '').replace(/\r$/, '');
    if (text === '') break;
    const match = /^([A-Za-z][A-Za-z0-9-]*):[ \t]?(.*)$/.exec(text);
    if (match?.[1]) {
      name = match[1].toLowerCase();
      if (!headers.has(name)) headers.set(name, (match[2] ?? '').slice(0, maxHeader));
    } else if (/^[ \t]/.test(text) && name) {
      const before = headers.get(name) ?? '';
      if (before.length < maxHeader) headers.set(name, `${before} ${text.trim()}`.slice(0, maxHeader));
    } else return undefined;
  }
  return headers.size > 0 ? { headers, body: Math.min(at + 1, lines.length) } : undefined;
}

/** A parameter of a header, as `charset` of `text/plain; charset=utf-8`. */
function parameter(value: string, name: string): string {
  return new RegExp(`;\\s*${name}="?([^";]+)"?`, 'i').exec(value)?.[1]?.trim() ?? '';
}

function formOf(headers: Headers): BodyForm {
  const type = headers.get('content-type') ?? '';
  return {
    encoding: (headers.get('content-transfer-encoding') ?? '').trim().toLowerCase(),
    charset: parameter(type, 'charset'),
    flowed: parameter(type, 'format').toLowerCase() === 'flowed',
    deleteSpace: parameter(type, 'delsp').toLowerCase() === 'yes',
  };
}

/** The text of a body with all its parts; parts that are no text are left out. */
function bodyText(headers: Headers, lines: readonly MailLine[], depth = 0): MailLine[] {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /^multipart\//i.test(type.trim()) ? parameter(type, 'boundary') : '';
  if (!boundary) {
    const isText = /^text\/(?!html)|^application\/(octet-stream|mbox|x-patch)|^message\//i.test(type.trim());
    return isText ? decodeBody(lines, formOf(headers)) : [];
  }
  if (depth >= maxDepth) return [];
  const out: MailLine[] = [];
  let part: MailLine[] | undefined;
  const close = (): void => {
    if (!part) return;
    const read = part[0]?.text.trim() === '' ? undefined : readHeaders(part);
    out.push(
      ...(read
        ? bodyText(read.headers, part.slice(read.body), depth + 1)
        : bodyText(new Map(), part, depth + 1)),
    );
  };
  for (const line of lines) {
    const text = line.text.trimEnd();
    if (text === `--${boundary}` || text === `--${boundary}--`) {
      close();
      part = text.endsWith('--') && text !== `--${boundary}` ? undefined : [];
    } else part?.push(line);
  }
  close();
  return out;
}

/** A mail, or text without headers, as a message. */
function messageOf(lines: readonly MailLine[]): Message {
  const start = lines.findIndex(({ text }) => text.trim() !== '');
  const rest = lines.slice(Math.max(start, 0));
  const read = readHeaders(rest);
  const isMail =
    read &&
    ['from', 'subject', 'date', 'content-type', 'content-transfer-encoding'].some((name) =>
      read.headers.has(name),
    );
  if (!read || !isMail)
    return {
      from: undefined,
      date: undefined,
      subject: undefined,
      lines: lines.map(({ text, raw }) => ({ text: decodeCharset(text.replace(/\r$/, '')), raw })),
    };
  const header = (name: string): string | undefined => {
    const value = read.headers.get(name);
    return value === undefined ? undefined : words(decodeCharset(value)).trim();
  };
  return {
    from: header('from'),
    date: header('date'),
    subject: header('subject'),
    lines: bodyText(read.headers, rest.slice(read.body)),
  };
}

/** Whether a line is `From`, an address and a time, as an mbox has it before each mail. */
const endsWithYear = (line: string): boolean => /^From \S/.test(line) && /\d{4}\r?$/.test(line.slice(6));

/**
 * Splits a patch file into its mails: an mbox has several, anything else is one.
 * @param bytes the file, each byte one UTF-16 code unit
 */
export function readMailbox(bytes: string): Message[] {
  // With color.ui=always git colours its output in a pipe too.
  const lines = bytes
    .split('\n')
    // eslint-disable-next-line no-control-regex -- ESC begins a colour
    .map((text, at) => ({ text: text.replace(/\x1b\[[\d;]*[mK]/g, ''), raw: at + 1 }));
  const isMbox = endsWithYear(lines[0]?.text ?? '');
  if (!isMbox) return [messageOf(lines)];
  const messages: Message[] = [];
  let mail: MailLine[] = [];
  lines.forEach((line, at) => {
    // Only a line that headers follow begins a mail; prose may begin with the word as well.
    const begins = endsWithYear(line.text) && /^[A-Za-z][A-Za-z0-9-]*:/.test(lines[at + 1]?.text ?? '');
    if (begins) {
      if (mail.length > 0) messages.push(messageOf(mail));
      mail = [];
    } else mail.push(line.text.startsWith('>From ') ? { ...line, text: line.text.slice(1) } : line);
  });
  messages.push(messageOf(mail));
  return messages;
}
