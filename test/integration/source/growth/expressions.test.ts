import assert from 'node:assert/strict';
import path from 'node:path';
import { attacksOn, type Attack } from './attacks';
import { literals, type Literal } from './literals';
import { worstGrowth } from './measure';

/** Linear growth is 1 and quadratic growth 4. */
const bound = 2.2;

/** How often something is repeated at first; the last step takes sixty-four times as much. */
const sizes = [400, 1600, 6400];

function run({ source, flags }: Literal, { before, pump, after }: Attack): (size: number) => void {
  const expression = new RegExp(source, flags);
  const times = (size: number): number => Math.ceil(size / pump.length);
  return (size) => {
    const text = before + pump.repeat(times(size)) + after;
    expression.lastIndex = 0;
    if (flags.includes('g')) text.replace(expression, '');
    else expression.exec(text);
  };
}

/** The worst of the attacks on an expression, when it grows too fast. */
function weakness(literal: Literal): string | undefined {
  for (const attack of attacksOn(literal.source, literal.flags)) {
    const worst = worstGrowth(run(literal, attack), sizes, bound);
    if (worst > bound)
      return `${literal.at} /${literal.source}/${literal.flags} with ${JSON.stringify(attack)}: ${worst.toFixed(1)}`;
  }
  return undefined;
}

describe('regular expressions over text that comes from files', function () {
  this.timeout(300_000);

  it('finds cubic and quadratic ones', () => {
    const known = [
      '^[A-Za-z_][^;(){}]*\\*[^;(){}]*[;=]',
      '\\/\\*.*?\\*\\/',
      '[ \\t]+$',
      '^\\s*-*\\s*$',
      '^From \\S+.*\\d{4}$',
    ];
    for (const source of known)
      assert.ok(weakness({ at: 'a test', source, flags: 'gms' }), `/${source}/ is found`);
  });

  it('cost no more than in proportion to the text', () => {
    const all = literals(path.resolve('.'), ['server', 'storescript', 'protocol']);
    assert.ok(all.length > 250, `${all.length} expressions are there`);
    const weak = all.flatMap((each) => weakness(each) ?? []);
    assert.deepEqual(weak, []);
  });
});
