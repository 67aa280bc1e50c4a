/** Sources as patches, and as mails that quote them with lines cut out: the same for the same seed. */

/** A mail made from a source, and which line of the source each line of the mail shows. */
export interface QuotedSource {
  readonly mail: string;
  /** By line of the mail, from 1: the line of the source, from 1. */
  readonly lineOf: ReadonlyMap<number, number>;
}

/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The lines of a text without the empty one behind its last line end. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** A git diff that creates a file. */
export function newFilePatch(file: string, text: string): string {
  const lines = linesOf(text);
  return [
    `diff --git a/${file} b/${file}`,
    'new file mode 100644',
    'index 000000000000..123456789abc',
    '--- /dev/null',
    `+++ b/${file}`,
    `@@ -0,0 +1,${lines.length} @@`,
    ...lines.map((line) => `+${line}`),
    '',
  ].join('\n');
}

/** Tabs as the spaces that a mailer makes of them. */
export function withoutTabs(line: string): string {
  let out = '';
  for (const sign of line) out += sign === '\t' ? ' '.repeat(8 - (out.length % 8)) : sign;
  return out;
}

const cuts = ['[...]', '[snip]', '--- snip ---', '...', '<snip>', '[ ... ]', '[trimmed]', '8<----'];
const remarks = [
  ['', 'I wonder whether this is needed.', ''],
  ['', 'Please use a helper here, as others do.', 'See the other drivers.', ''],
  ['Nit: sort these.'],
  ['', 'Why?', ''],
];

/**
 * A review that quotes a patch which creates a file, with stretches of it left out and remarks between the lines. Where
 * a stretch is left out there is a mark, or a remark, or both.
 * @param file the path of the file
 * @param text its text
 * @param seed decides all the rest
 */
export function quotedReview(file: string, text: string, seed: number): QuotedSource {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const source = linesOf(text);
  const quote = pick(['> ', '> ', '> > ', '>']);
  const sign = pick(['+', '+', '+ ']);
  const tabs = random() < 0.5;
  const out = [
    'From: A Reviewer <reviewer@example.org>',
    'Date: Mon, 1 Jun 2026 10:00:00 +0200',
    'Subject: Re: patch',
    '',
  ];
  const lineOf = new Map<number, number>();
  if (random() < 0.7)
    out.push(
      ...[`diff --git a/${file} b/${file}`, 'new file mode 100644', '--- /dev/null', `+++ b/${file}`].map(
        (line) => quote + line,
      ),
    );
  if (random() < 0.6) out.push(`${quote}@@ -0,0 +1,${source.length} @@`);
  // Cuts are as long as functions are, so that many fall into the middle of one.
  const longest = pick([3, 10, 40, 200]);
  const often = pick([0.003, 0.01, 0.04]);
  for (let at = 0; at < source.length; at++) {
    if (random() < often) {
      const length = Math.floor(random() * longest);
      const marked = random() < 0.6;
      if (marked) out.push((random() < 0.7 ? quote : '') + pick(cuts));
      if (!marked || random() < 0.3) out.push(...pick(remarks));
      at += length;
    }
    const line = source[at];
    if (line === undefined) break;
    const written = `${sign}${line}`;
    out.push(quote + (tabs ? withoutTabs(written) : written).trimEnd());
    lineOf.set(out.length, at + 1);
  }
  if (random() < 0.5) out.push('', 'Thanks,', 'A');
  return { mail: `${out.join('\n')}\n`, lineOf };
}

/**
 * A git diff that changes a file into the one that is given: some of its lines are new, and a few around them are shown.
 * @param file the path of the file
 * @param text its text behind the patch
 * @param seed decides which lines are new and how many are shown
 */
export function changingPatch(file: string, text: string, seed: number): QuotedSource {
  const random = randomNumbers(seed);
  const source = linesOf(text);
  const out = [`diff --git a/${file} b/${file}`, `--- a/${file}`, `+++ b/${file}`];
  const lineOf = new Map<number, number>();
  let at = Math.floor(random() * 60);
  let added = 0;
  while (at < source.length) {
    const count = Math.min(5 + Math.floor(random() * 80), source.length - at);
    const signs = Array.from({ length: count }, () => (random() < 0.2 ? '+' : ' '));
    const fresh = signs.filter((sign) => sign === '+').length;
    out.push(`@@ -${at - added + 1},${count - fresh} +${at + 1},${count} @@ int f(void)`);
    signs.forEach((sign, index) => {
      out.push(`${sign}${source[at + index] ?? ''}`);
      lineOf.set(out.length, at + index + 1);
    });
    added += fresh;
    at += count + 1 + Math.floor(random() * 150);
  }
  return { mail: `${out.join('\n')}\n`, lineOf };
}
