import { annotationsWithArguments, plainAnnotations } from './annotations';
import type { TokenList } from './tokens';

/** What the rewrite has to know of a word, as bits. */
export const enum Word {
  /** An annotation, which becomes white space. */
  Annotation = 1,
  /** An annotation with parentheses. */
  AnnotationCall = 2,
  /** A parenthesis behind it holds a condition or a type, never the arguments of a call. */
  NoCallee = 4,
  /** `static`, `const`, `extern`. */
  Storage = 8,
  /** `struct`, `union`. */
  Record = 16,
  Case = 32,
  /** `asm` in any of its forms. */
  Assembler = 64,
  /** `typeof` in any of its forms. */
  Typeof = 128,
  /** A word that begins a type where the grammar wants an expression. */
  Type = 256,
}

const words = new Map<string, number>();

function add(list: string, bit: Word): void {
  for (const word of list.split(' ')) words.set(word, (words.get(word) ?? 0) | bit);
}

add(plainAnnotations, Word.Annotation);
add(annotationsWithArguments, Word.AnnotationCall);
add(
  'if while for switch return case do else goto sizeof typeof __typeof__ __typeof typeof_unqual defined asm __asm__ ' +
    '__asm _Alignof alignof __alignof__ __alignof _Generic _Static_assert break continue default struct union enum ' +
    'static const volatile int char void long short unsigned signed float double extern inline',
  Word.NoCallee,
);
add('static const extern', Word.Storage);
add('struct union', Word.Record);
add('case', Word.Case);
add('asm __asm__ __asm asm_inline asm_volatile_goto asm_goto', Word.Assembler);
add('typeof __typeof__ __typeof typeof_unqual', Word.Typeof);
add('struct union enum const volatile unsigned signed int char long short void float double', Word.Type);

/** Longer than every word that counts. */
const lengths = 64;

/** Which first letters go with which lengths: most identifiers are told apart by that, without being spelled. */
const possible = new Uint8Array(128 * lengths);
for (const word of words.keys()) possible[word.charCodeAt(0) * lengths + word.length] = 1;

/**
 * What is to know of an identifier.
 * @param tokens the tokens of the file
 * @param index the identifier
 * @returns bits of Word; 0 for most
 */
export function wordBits(tokens: TokenList, index: number): number {
  const length = tokens.end(index) - tokens.start(index);
  const first = tokens.first(index);
  if (length >= lengths || first >= 128 || possible[first * lengths + length] === 0) return 0;
  return words.get(tokens.spelling(index)) ?? 0;
}
