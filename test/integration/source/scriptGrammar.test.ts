import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { INITIAL, parseRawGrammar, Registry, type IGrammar } from 'vscode-textmate';
import { DATA_FORMS, KEYWORDS, REGIONS } from '../../../storescript/statements';
import { SAMPLE } from '../../fuzz/scriptEdits';

const file = path.resolve('syntaxes/ism-script.tmLanguage.json');

describe('the grammar of store scripts', () => {
  let grammar: IGrammar;
  before(async () => {
    const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
    await loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length)).catch(() => undefined);
    const registry = new Registry({
      onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
      loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(file, 'utf8'), file)),
    });
    grammar = (await registry.loadGrammar('source.ism-script')) ?? assert.fail('no grammar');
  });

  /** Each piece of a line with the innermost scope that it has of the grammar. */
  function scopes(line: string): [string, string][] {
    return grammar
      .tokenizeLine(line, INITIAL)
      .tokens.map(({ startIndex, endIndex, scopes: all }): [string, string] => [
        line.slice(startIndex, endIndex).trim(),
        (all.length > 1 ? all.at(-1) : '')?.replace(/\.ism-script$/, '') ?? '',
      ])
      .filter(([piece]) => piece !== '');
  }

  const lines: [string, [string, string][]][] = [
    [
      'device 0051:00:00.0 # why',
      [
        ['device', 'storage.type.device'],
        ['0051:00:00.0', 'constant.other.address'],
        ['# why', 'comment.line.number-sign'],
      ],
    ],
    [
      'let sink = token:0x1_0 + 2<<24',
      [
        ['let', 'storage.type.let'],
        ['sink', 'variable.other.definition'],
        ['=', 'keyword.operator.assignment'],
        ['token:', 'keyword.other'],
        ['0x1_0', 'constant.numeric'],
        ['+', 'keyword.operator'],
        ['2', 'constant.numeric'],
        ['<<', 'keyword.operator'],
        ['24', 'constant.numeric'],
      ],
    ],
    [
      '  store bar0 sink + 4K hex 0011 2.',
      [
        ['store', 'keyword.control'],
        ['bar0', 'support.constant.region'],
        ['sink', ''],
        ['+', 'keyword.operator'],
        ['4K', 'constant.numeric'],
        ['hex', 'support.type.data'],
        ['0011', 'constant.numeric.hex'],
        ['2', 'constant.numeric.hex'],
        ['.', 'variable.language.any-digit'],
      ],
    ],
    [
      'burst 3 bar2 0 hex 00 step 8',
      [
        ['burst', 'keyword.control'],
        ['3', 'constant.numeric'],
        ['bar2', 'support.constant.region'],
        ['0', 'constant.numeric'],
        ['hex', 'support.type.data'],
        ['00', 'constant.numeric.hex'],
        ['step', 'keyword.other'],
        ['8', 'constant.numeric'],
      ],
    ],
    [
      'expect error EIO',
      [
        ['expect', 'keyword.control'],
        ['error', 'keyword.other.error'],
        ['EIO', 'constant.language.error'],
      ],
    ],
    [
      'sleep 10ms',
      [
        ['sleep', 'keyword.control'],
        ['10', 'constant.numeric'],
        ['ms', 'keyword.other.unit'],
      ],
    ],
    [
      'test "a # \\q \\n"',
      [
        ['test', 'keyword.declaration.test'],
        ['"', 'string.quoted.double'],
        ['a #', 'string.quoted.double'],
        ['\\q', 'invalid.illegal.escape'],
        ['\\n', 'constant.character.escape'],
        ['"', 'string.quoted.double'],
      ],
    ],
    [
      'stores bar0',
      [
        ['stores', ''],
        ['bar0', 'support.constant.region'],
      ],
    ],
  ];
  for (const [line, expected] of lines)
    it(`colours ${line}`, () => {
      // Neighbours of one scope may come as one piece or two.
      const join = (pieces: [string, string][]): [string, string][] =>
        pieces.reduce<[string, string][]>((all, [piece, scope]) => {
          const before = all.at(-1);
          if (before?.[1] === scope) before[0] += piece;
          else all.push([piece, scope]);
          return all;
        }, []);
      assert.deepEqual(join(scopes(line)), join(expected));
    });

  it('knows every word of the language', () => {
    for (const keyword of KEYWORDS.keys())
      assert.match(
        scopes(`  ${keyword}${keyword === 'let' ? ' a =' : ''}`)[0]?.[1] ?? '',
        /keyword|storage/,
        keyword,
      );
    for (const region of REGIONS.keys())
      assert.equal(scopes(`read ${region} 0 8`)[1]?.[1], 'support.constant.region');
    for (const form of DATA_FORMS.keys())
      assert.equal(scopes(`expect ${form} 1`)[1]?.[1], 'support.type.data', form);
  });

  it('leaves no line of a whole script invalid', () => {
    for (const line of SAMPLE.split('\n'))
      assert.ok(
        scopes(line).every(([, scope]) => !scope.startsWith('invalid')),
        line,
      );
  });
});
