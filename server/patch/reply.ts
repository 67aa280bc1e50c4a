import type { PatchFinding, PatchResult } from './lintPatch';
import type { Message } from './mailLine';

/** How long the lines of a mail are at most, as mailing lists ask for. */
const width = 72;

/** How many lines of the code below a finding are quoted at most. */
const mostBelow = 6;

/** Prose in lines of a mail. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** A header without what could begin a line of its own or is no character. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();

/** The indentation of a line of code in columns. */
const indentOf = (line: string): number => /^\s*/.exec(line)?.[0].replace(/\t/g, '        ').length ?? 0;

/** The lines of the patch file that a finding is about: the head of its function, and what stands at and below it. */
function concerned({ finding, lines, origins, changed, raw }: PatchFinding): Set<number> {
  const found = new Set<number>([raw]);
  const at = lines.position(finding.start).line;
  const own = origins.get(at);
  if (!own) {
    // What is wrong follows from lines that are gone, or from those of another file.
    for (let next = raw + 1; next <= raw + mostBelow && changed.has(next); next++) found.add(next);
    return found;
  }
  const add = (line: number): void => {
    const origin = origins.get(line);
    if (origin) found.add(origin.raw);
  };
  const last = lines.position(Math.max(finding.end - 1, finding.start)).line;
  for (let line = at; line <= Math.min(last, at + mostBelow); line++) add(line);
  // What a label or a condition leads to belongs to it.
  const indent = indentOf(lines.lineText(at));
  for (let line = last + 1; line <= last + mostBelow && indentOf(lines.lineText(line)) > indent; line++)
    if (lines.lineText(line).trim() !== '') add(line);
    else break;
  if (finding.function)
    for (let line = at; line > Math.max(at - 400, -1); line--)
      if (/^\w/.test(lines.lineText(line)) && lines.lineText(line).includes(`${finding.function}(`)) {
        add(line);
        break;
      }
  return found;
}

/** Lines of a mail as a quotation, with a mark wherever some are left out. */
function quoted(message: Message, wanted: ReadonlySet<number>): string {
  const out: string[] = [];
  let left = false;
  for (const { text, raw } of message.lines) {
    if (!wanted.has(raw)) {
      left = out.length > 0;
      continue;
    }
    if (left) out.push('> [...]');
    left = false;
    out.push(`> ${text}`.trimEnd());
  }
  return out.join('\n');
}

function introduction({ from, date, subject }: Message, several: boolean): string[] {
  const lines: string[] = [];
  if (several && subject) lines.push(`Subject: Re: ${oneLine(subject).replace(/^(re:\s*)+/i, '')}`, '');
  if (from) lines.push(date ? `On ${oneLine(date)}, ${oneLine(from)} wrote:` : `${oneLine(from)} wrote:`);
  return lines;
}

/**
 * The findings as an answer to the mails of a patch, in the style of a mailing list: the lines concerned, and below each
 * of them what is wrong. Empty when there are no findings.
 * @param result what was found
 */
export function reply({ inPatch }: PatchResult): string {
  const messages = [...new Set(inPatch.map(({ message }) => message))];
  const mails = messages.map((message) => {
    const named = new Set<number>();
    const blocks = inPatch
      .filter((each) => each.message === message)
      .map((each) => {
        const { finding, raw } = each;
        const lines = concerned(each);
        const header = message.lines.findLast(
          ({ text, raw: at }) => at <= raw && /^(?:> ?)*\+\+\+ \S/.test(text),
        );
        // Which file it is has to be said once.
        if (header && !named.has(header.raw)) lines.add(header.raw);
        if (header) named.add(header.raw);
        const quote = quoted(message, lines);
        return `${quote}\n\n${wrapped(finding.message)}\n[${finding.rule}]\n`;
      });
    return [...introduction(message, messages.length > 1), blocks.join('\n')].join('\n');
  });
  if (mails.length === 0) return '';
  return `${mails.join('\n')}\n(found by ism-lint; "ism-lint --explain RULE" has the background)\n`;
}
