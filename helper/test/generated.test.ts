/** What is generated from the description of the protocol is current, and the C files use its words. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Event, resultSchemas, StoreRule } from '../../protocol/helper';
import { noteCodes, operations, ownCodes } from '../../protocol/helperDescription';
import { BurstEnd, ScriptEnd } from '../../protocol/runOperations';
import { helperSources } from '../build';
import { generatedFiles } from '../reference';

describe('the description of the protocol', () => {
  for (const [file, text] of generatedFiles('.'))
    it(`${file} is current (UPDATE_REFERENCE=1 writes it)`, () => {
      if (process.env['UPDATE_REFERENCE']) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      assert.equal(readFileSync(file, 'utf8'), text);
    });

  it('has a result for every operation', () =>
    assert.deepEqual(Object.keys(operations).sort(), Object.keys(resultSchemas).sort()));

  describe('of words in answers', () => {
    const texts = helperSources('.')
      .files.map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const used = (pattern: RegExp): Set<string> =>
      new Set([...texts.matchAll(pattern)].map(([, word]) => word ?? ''));

    it('has every code of the C files, and no other', () => {
      const known = [...Object.keys(ownCodes), ...Object.keys(noteCodes)];
      for (const code of known.filter((each) => !each.startsWith('answer-')))
        assert.ok(texts.includes(`"${code}"`), `no C file says ${code}`);
      for (const code of used(/\b(?:fail|plan_warn)\([^";]*?"([a-z][a-z-]+)",/g))
        assert.ok(known.includes(code), `${code} is not described`);
    });

    it('has every store rule, and no other', () =>
      assert.deepEqual([...used(/"(store-[a-z-]+)"/g)].sort(), [...StoreRule.options].sort()));

    it('has every end of a burst or script, and no other', () => {
      const names = new Set(
        [...readFileSync('helper/stores/run_end.c', 'utf8').matchAll(/return "([a-z]+)"/g)].map(([, n]) => n),
      );
      assert.deepEqual([...names].sort(), [...new Set([...BurstEnd.options, ...ScriptEnd.options])].sort());
    });

    it('has every event, and no other', () => {
      const names = new Set([
        ...used(/\\"event\\":\\"([a-z]+)\\"/g),
        ...used(/PAIR_TEXT\("event", "([a-z]+)"\)/g),
        ...used(/"event", json_string\("([a-z]+)"\)/g),
      ]);
      const known = Event.options.map((option) => option.entries.event.literal);
      assert.deepEqual([...names].sort(), [...known].sort());
    });
  });
});
