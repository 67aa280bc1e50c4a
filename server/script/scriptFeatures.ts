/** What an editor shows of a store script. Pure: offsets in, offsets out; see scriptServer.ts for the protocol. */
import { decodeStoreOffset, describeStoreTarget } from '../../protocol/ismDecode';
import { SCRIPT_LIMITS } from '../../protocol/runOperations';
import { check } from '../../storescript/checker';
import type { Span } from '../../storescript/diagnostic';
import { ERROR_NAMES } from '../../storescript/errorNames';
import { splitLines } from '../../storescript/lines';
import { parse } from '../../storescript/parser';
import { DATA_FORMS, KEYWORDS, REGIONS } from '../../storescript/statements';
import { hex } from '../../storescript/values/hexInput';

export interface Suggestion {
  readonly label: string;
  readonly kind: 'keyword' | 'region' | 'form' | 'name' | 'error' | 'unit';
  readonly detail?: string;
  readonly documentation?: string;
}

const REGION_MEANINGS: Readonly<Record<string, string>> = {
  bar0: 'the move space: token, index, signal and offset',
  bar2: 'the control page: a command block',
  config: 'the configuration space',
  rom: 'the expansion ROM, never written',
};

const listed = (
  from: ReadonlyMap<string, { readonly form: string; readonly means: string }>,
  kind: Suggestion['kind'],
): Suggestion[] =>
  [...from].map(([label, { form, means }]) => ({ label, kind, detail: form, documentation: means }));

const words = (kind: Suggestion['kind'], ...labels: string[]): Suggestion[] =>
  labels.map((label) => ({ label, kind }));

/** What can stand at a place, whatever of it is typed already. */
export function suggestionsAt(text: string, at: number): Suggestion[] {
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  const [line] = splitLines(text.slice(begin, at));
  // The word that the place is at the end of is being typed.
  const before = (line?.words ?? []).filter((word) => begin + word.end < at).map((word) => word.text);
  const last = line?.words.at(-1);
  if (
    /^[^"]*#/.test(text.slice(begin, at)) ||
    (last?.kind === 'text' && (!last.closed || begin + last.end === at))
  )
    return [];
  const [keyword, ...rest] = before;
  const regions = [...REGIONS.keys()].map((label): Suggestion => {
    const detail = REGION_MEANINGS[label];
    return { label, kind: 'region', ...(detail ? { detail } : {}) };
  });
  const names = [...parse(text.slice(0, begin)).names].map(([label, value]): Suggestion => ({
    ...{ label, kind: 'name' },
    ...(value === undefined ? {} : { detail: hex(value) }),
  }));
  const forms = listed(DATA_FORMS, 'form');
  const token = { label: 'token:', kind: 'name', detail: 'token:0x100000000 + index<<24 + offset' } as const;
  const places = [...names, token];
  const tail = (): Suggestion[] => {
    const form = rest.findIndex((word) => DATA_FORMS.has(word));
    if (form < 0) return [...places, ...forms];
    const after = rest.length - form;
    const step = keyword === 'burst' && after > 1 ? words('keyword', 'step') : [];
    if (rest[form] === 'counter' && after === 2) return [...words('keyword', 'from'), ...step];
    if (rest[form] === 'random' && after === 2) return words('keyword', 'seed');
    return rest.at(-1) === 'step' || rest[form] !== 'hex' ? [...names, ...step] : step;
  };
  switch (keyword) {
    case undefined:
      return listed(KEYWORDS, 'keyword');
    case 'device':
      return rest.length === 0 ? words('keyword', 'fid') : [];
    case 'let':
      return rest.length >= 2 ? places : [];
    case 'store':
      return rest.length === 0 ? regions : tail();
    case 'burst':
      return rest.length === 0 ? names : rest.length === 1 ? regions : tail();
    case 'read':
      return rest.length === 0 ? regions : places;
    case 'expect':
      if (rest[0] === 'error') return words('error', ...ERROR_NAMES);
      return rest.length === 0 ? [...forms, ...words('keyword', 'at', 'error')] : tail();
    case 'sleep':
      return rest.length > 0 ? [] : units(text.slice(begin, at));
    case 'repeat':
      return rest.length === 0 ? names : [];
    default:
      return [];
  }
}

/** With what is typed before them, since `10` alone is a word as well. */
function units(typed: string): Suggestion[] {
  const number = /(?<!\d)\d+$/.exec(typed)?.[0] ?? '10';
  return words('unit', `${number}us`, `${number}ms`, `${number}s`);
}

/** What is meant by the word at a place, as Markdown. */
export function hoverAt(text: string, at: number): (Span & { readonly text: string }) | undefined {
  const inside = ({ start, end }: Span): boolean => start <= at && at <= end;
  const statement = parse(text).statements.find(inside);
  if (!statement) return undefined;
  const { operands } = statement;
  if (inside(statement.keyword)) {
    const keyword = KEYWORDS.get(text.slice(statement.keyword.start, statement.keyword.end));
    return keyword && { ...spanOf(statement.keyword), text: `\`${keyword.form}\`\n\n${keyword.means}` };
  }
  if (operands && 'offset' in operands && inside(operands.offset)) {
    const { region, offset } = operands;
    const target = describeStoreTarget(decodeStoreOffset(region.value, offset.value));
    return { ...spanOf(offset), text: `\`${hex(offset.value)}\`: ${target}` };
  }
  const word = splitLines(text.slice(statement.start, statement.end))[0]?.words.find(
    ({ start, end }) => statement.start + start <= at && at <= statement.start + end,
  );
  if (!word) return undefined;
  const span = { start: statement.start + word.start, end: statement.start + word.end };
  const form = DATA_FORMS.get(word.text);
  if (form) {
    const length = operands && 'data' in operands ? `\n\n${operands.data.value.data.length} bytes here.` : '';
    return { ...span, text: `\`${form.form}\`\n\n${form.means}${length}` };
  }
  const value = check(text).names.get(word.text);
  if (value !== undefined) return { ...span, text: `\`${word.text}\` is \`${hex(value)}\`` };
  const meaning = REGION_MEANINGS[word.text];
  return meaning === undefined ? undefined : { ...span, text: `\`${word.text}\`: ${meaning}` };
}

const spanOf = ({ start, end }: Span): Span => ({ start, end });

/** The text with two blanks for each `test` and `repeat` around a line, and no blanks at the ends of lines. */
export function formatted(text: string): string {
  let depth = 0;
  let inTest = 0;
  return text
    .split('\n')
    .map((raw) => {
      const body = raw.trim();
      const keyword = /^[a-z]+/.exec(body)?.[0];
      if (keyword === 'end') depth = Math.max(0, depth - 1);
      if (keyword === 'test') depth = inTest = 0;
      const line = body === '' ? '' : '  '.repeat(Math.min(depth, SCRIPT_LIMITS.depth) + inTest) + body;
      if (keyword === 'test') inTest = 1;
      if (keyword === 'repeat') depth++;
      return line + (raw.endsWith('\r') ? '\r' : '');
    })
    .join('\n');
}
