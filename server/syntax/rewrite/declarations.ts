import { Char } from '../lexer/tokens';
import { Word } from '../lexer/words';
import type { ItemTokens } from './itemTokens';

/** The positions of the opening braces of struct and union bodies. */
function recordBodies(item: ItemTokens): number[] {
  const found: number[] = [];
  if (!item.hasWord(Word.Record)) return found;
  for (let at = 1; at < item.length; at++) {
    if (!item.is(at, Char.OpenBrace)) continue;
    const tagged = item.isName(at - 1) && item.isWord(at - 2, Word.Record);
    if (tagged || item.isWord(at - 1, Word.Record)) found.push(at);
  }
  return found;
}

/** How many leading arguments of a grouping macro are not members: include/linux/stddef.h. */
const groupArguments: Readonly<Record<string, number>> = {
  struct_group: 1,
  struct_group_attr: 2,
  struct_group_tagged: 2,
  __struct_group: 3,
};

/** `struct_group(name, members);` becomes its members. */
function ungroup(item: ItemTokens, at: number, close: number, skip: number): void {
  const last = item.split(at + 1, close)[skip - 1];
  // An argument may be empty, so the commas are counted rather than the parts.
  let commas = 0;
  let end = last ? last[1] : at + 1;
  for (let inner = at + 2; inner < close && commas < skip; inner++) {
    if (item.is(inner, Char.Comma)) {
      commas++;
      end = inner;
    } else if ((item.partner[inner] ?? -1) > inner) inner = item.closing(inner);
  }
  item.blank(at, end);
  item.blank(close, close);
  if (item.is(close + 1, Char.Semicolon)) item.blank(close + 1, close + 1);
}

/** `DECLARE_BITMAP(name, bits);` becomes `int name;`, and so does any other macro that declares a member. */
function declareMember(item: ItemTokens, at: number, close: number): void {
  const parts = item.split(at + 1, close);
  const part = /FLEX_ARRAY/.test(item.spelling(at)) ? parts.at(-1) : parts[0];
  const name = part && part[0] === part[1] && item.isName(part[0]) ? part[0] : -1;
  const semicolon = item.is(close + 1, Char.Semicolon) ? close + 1 : close;
  if (name < 0) {
    item.blank(at, semicolon);
    return;
  }
  item.write(at, 'int');
  for (let inner = at + 1; inner <= close; inner++) if (inner !== name) item.blank(inner, inner);
}

/** Macros in the place of members of a struct or union. */
export function rewriteMemberMacros(item: ItemTokens): void {
  for (const open of recordBodies(item)) {
    const end = item.closing(open);
    for (let at = open + 1; at < end; at++) {
      const begins =
        item.is(at - 1, Char.OpenBrace) ||
        item.is(at - 1, Char.CloseBrace) ||
        item.is(at - 1, Char.Semicolon);
      if (item.isName(at) && item.is(at + 1, Char.OpenParen) && (begins || groupMember(item, at))) {
        const close = item.closing(at + 1);
        const skip = groupArguments[item.spelling(at)];
        if (skip !== undefined) ungroup(item, at, close, skip);
        else if (!item.is(close + 1, Char.OpenParen)) declareMember(item, at, close);
        if (skip === undefined) at = close;
      }
    }
  }
}

/** Whether the position is the first member inside a grouping macro. */
function groupMember(item: ItemTokens, at: number): boolean {
  return item.is(at - 1, Char.Comma) && /^DECLARE_/.test(item.spelling(at));
}

/** A function that a macro declares whole, as `SYSCALL_DEFINE1(name, ...) {`, gets a type and loses its arguments. */
export function rewriteMacroHead(item: ItemTokens, nameAt: number): void {
  const spelling = item.spelling(nameAt);
  if (nameAt !== 0 || spelling.length < 5 || !item.is(1, Char.OpenParen)) return;
  // FIXTURE_VARIANT_ADD(suite, name) { .member = value }; defines an object, not a function.
  const object = item.is(item.bodyAt + 1, Char.Dot) && spelling.length >= 7;
  item.write(0, object ? 'int _ =' : `int ${'_'.repeat(spelling.length - 4)}`);
  if (object) item.blank(1, item.closing(1));
  else item.blank(2, item.closing(1) - 1);
}

/** Definitions of trace events are a language of their own: everything from the first `TP_...(` on goes. */
export function rewriteTraceEvent(item: ItemTokens): boolean {
  const open = item.is(1, Char.OpenParen) ? 1 : 2;
  for (let at = open + 1; at < item.length; at++)
    if (/^TP_\w+$/.test(item.spelling(at))) {
      item.blank(at - 1, item.closing(open) - 1);
      return true;
    }
  return false;
}

/** A bit-field without a name, as `u32 : 6;`, is known to the grammar for the words of C only: it gets a name. */
export function rewriteAnonymousBitFields(item: ItemTokens): void {
  for (const open of recordBodies(item))
    for (let at = open + 1; at < item.closing(open); at++) {
      const begins = item.is(at - 1, Char.OpenBrace) || item.is(at - 1, Char.Semicolon);
      if (begins && item.isName(at) && item.is(at + 1, Char.Colon) && item.spelling(at).length >= 3)
        item.write(at, `u ${'_'.repeat(item.spelling(at).length - 2)}`);
    }
}

/** `static DEFINE_X(a, b);` declares something in a way only its macro knows: as a plain call it can be read. */
export function rewriteStorageBeforeCall(item: ItemTokens): void {
  if (!item.hasWord(Word.Storage)) return;
  for (let at = 0; at < item.length; at++) {
    if (!item.isWord(at, Word.Storage)) continue;
    let name = at;
    while (item.isWord(name, Word.Storage)) name++;
    if (
      item.isName(name) &&
      item.is(name + 1, Char.OpenParen) &&
      item.is(item.closing(name + 1) + 1, Char.Semicolon)
    )
      item.blank(at, name - 1);
    at = name;
  }
}
