import assert from 'node:assert/strict';
import { neutralise, neutraliseLines, RemoteText } from './remoteText';

/** Texts that a peer may send, with what must be left of them. */
const HOSTILE: readonly (readonly [name: string, text: string, shown: string])[] = [
  ['a command link', '[renew](command:evil)', '[renew] (command:evil)'],
  ['a link with a title', '[x](https://e.org "t")', '[x] (https: //e.org "t")'],
  ['links one behind the other', '[a](b)[c](d)', '[a] (b)[c] (d)'],
  ['an icon', '$(pass) 12 of 12 $(x)', '$ (pass) 12 of 12 $ (x)'],
  ['an escaped icon', '\\$(pass)', '\\$ (pass)'],
  ['a URL', 'see https://e.org/x', 'see https: //e.org/x'],
  ['an escape sequence', 'a\u001b[2J\u001b]0;t\u0007b', 'a�[2J�]0;t�b'],
  ['C1 controls', 'a\u009b31mb\u0085c', 'a�31mb�c'],
  ['bidi marks', 'a\u202eb\u2066c\u200fd', 'a�b�c�d'],
  ['what has no width', 'a\u200bb\ufeffc\u00add\u2060e', 'a�b�c�d�e'],
  ['a link that a mark hides', '[x]\u200b(command:y)', '[x]�(command:y)'],
  ['tags', 'a\u{e0041}b', 'a�b'],
  ['separators', 'a\u2028b\u2029c', 'a�b�c'],
  ['half of a character', 'a\ud83db', 'a�b'],
];

describe('text from a peer', () => {
  it('keeps plain text', () => assert.equal(neutralise('ism_vfio_pci 0x61 ä'), 'ism_vfio_pci 0x61 ä'));
  it('loses control characters', () => assert.doesNotMatch(neutralise('a\u001b[31mb\nc\u0000d'), /\p{Cc}/u));
  it('loses marks that reorder text', () =>
    assert.doesNotMatch(neutralise('a\u202eb\u2066c\u200bd'), /[\u202e\u2066\u200b]/));
  it('has a bound', () => assert.ok(neutralise('x'.repeat(10_000)).length < 600));

  for (const [name, text, shown] of HOSTILE)
    it(`shows ${name} as text, once and twice`, () => {
      assert.equal(neutralise(text), shown);
      assert.equal(neutralise(shown), shown);
      assert.equal(neutraliseLines(`${text}\n\t${text}`), `${shown}\n\t${shown}`);
      const remote = new RemoteText(text);
      assert.equal(`z16 said: ${remote.inSentence()}`, `z16 said: ${shown}`);
      assert.equal(String(remote), shown);
      assert.equal(JSON.stringify({ remote }), JSON.stringify({ remote: shown }));
    });

  it('costs little when it is a megabyte of what must be replaced', () => {
    const text = '[](\u202e'.repeat(250_000);
    assert.equal(neutralise(text).length, 501);
    assert.ok(neutraliseLines(text).length <= 100_001);
  });

  it('is cut between characters', () => assert.doesNotMatch(neutralise('x' + '😀'.repeat(600)), /\ud83d…$/));
});
