import assert from 'node:assert/strict';
import { compareBytes } from '../storeScripts/compareBytes';
import { explanation, junit, tap, type Ran } from './reports';

const stores = { planned: 1, sent: 1, failed: 0 };
const all: Ran[] = [
  {
    file: 'a.ism',
    name: 'passes # well',
    line: 0,
    result: { verdict: 'passed', message: '', durationNs: 1500000, stores },
  },
  {
    ...{ file: 'a.ism', name: 'fails <&">', line: 4 },
    result: {
      ...{ verdict: 'failed', message: 'Byte 0 is "00"\u0007.', line: 6, durationNs: 0, stores },
      ...{ expected: '0000  11 ..\n0010  22', actual: '0000  00' },
    },
  },
  {
    file: 'b.ism',
    name: 'lost',
    line: 0,
    result: { verdict: 'unknown', message: 'Lost.', durationNs: 0, stores },
  },
  {
    file: 'b.ism',
    name: 'late',
    line: 9,
    result: { verdict: 'stopped', message: 'Stopped.', durationNs: 0, stores },
  },
];

describe('reports of ism-run', () => {
  it('explain a failure with its line and both bytes', () => {
    assert.equal(
      explanation(all[1] ?? assert.fail()),
      'a.ism:7: Byte 0 is "00"\u0007.\nexpected:\n  0000  11 ..\n  0010  22\nactual:\n  0000  00',
    );
  });

  it('are TAP 14', () => {
    assert.equal(
      tap(all.slice(0, 2)),
      `TAP version 14
1..2
ok 1 - a.ism: passes \\# well
not ok 2 - a.ism: fails <&">
  ---
  message: "Byte 0 is \\"00\\"\\u0007."
  severity: failed
  at:
    file: "a.ism"
    line: 7
  expected: |
    0000  11 ..
    0010  22
  actual: |
    0000  00
  ...
`,
    );
  });

  it('are JUnit, a suite a file, with nothing that XML has no place for', () => {
    const xml = junit(all);
    assert.match(
      xml,
      /<testsuites name="ism-run" tests="4" failures="1" errors="1" skipped="1" time="0\.001500">/,
    );
    assert.match(xml, /<testsuite name="b\.ism" tests="2" failures="0" errors="1" skipped="1"/);
    assert.match(xml, /name="fails &lt;&amp;&quot;&gt;" file="a\.ism" line="5"/);
    assert.match(xml, /<failure message="Byte 0 is &quot;00&quot;\ufffd\." type="failed">a\.ism:7: /);
    assert.match(xml, /<error message="Lost\." type="unknown">/);
    assert.match(xml, /<skipped message="Stopped\.">/);
    assert.ok(!xml.includes('\u0007'));
  });
});

describe('bytes that are not as expected', () => {
  it('are told by the first that differs, with those that may be anything left out', () => {
    const step = { do: 'expect', data: '10ff0003', mask: 'ffff00ff', at: 1 } as const;
    assert.deepEqual(compareBytes(step, '10ed0403'), {
      sentence: 'Byte 2 of the read is ed; ff was expected.',
      expected: '0001  10 ff .. 03',
      actual: '0001  10 ed 04 03',
    });
    assert.equal(compareBytes(step, '10ff77').sentence, 'Byte 4 of the read is missing; 03 was expected.');
    assert.equal(
      compareBytes({ do: 'expect', data: '00'.repeat(17) }, '00'.repeat(16) + '01').actual.split('\n')[1],
      '0010  01',
    );
  });
});
