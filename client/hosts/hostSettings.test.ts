import assert from 'node:assert/strict';
import { backOffSeconds } from './backOff';
import { readHosts } from './hostSettings';

describe('the setting ism.hosts', () => {
  const read = (setting: unknown): { hosts: unknown[]; warnings: string[] } => {
    const warnings: string[] = [];
    return { hosts: readHosts(setting, (sentence) => warnings.push(sentence)), warnings };
  };

  it('takes hosts with and without a name', () =>
    assert.deepEqual(read([{ destination: 'a' }, { name: 'b', destination: 'root@b', sudo: 'ask' }]), {
      hosts: [
        { name: 'a', destination: 'a' },
        { name: 'b', destination: 'root@b', sudo: 'ask' },
      ],
      warnings: [],
    }));

  it('keeps what a person is to be told of a host', () => {
    const entry = { name: 'p', destination: 'p', label: 'billing', production: true, confirmStores: false };
    assert.deepEqual(read([entry]), { hosts: [entry], warnings: [] });
  });

  const bad: [string, unknown, RegExp][] = [
    [
      'a text for production',
      [{ destination: 'a', production: 'yes' }],
      /has a production that cannot be used/,
    ],
    ['an empty label', [{ destination: 'a', label: ' ' }], /has a label that cannot be used/],
    ['no list', 'a', /must be a list/],
    ['a text in the list', ['a'], /Entry 1 .* needs a destination/],
    ['null in the list', [null], /Entry 1 .* needs a destination/],
    ['no destination', [{ name: 'a' }], /Entry 1 .* needs a destination/],
    ['a number for a name', [{ name: 1, destination: 'a' }], /Entry 1 .* has a name that cannot be used/],
    [
      'an unknown kind of sudo',
      [{ destination: 'a', sudo: 'yes' }],
      /Entry 1 .* has a sudo that cannot be used/,
    ],
    ['a name twice', [{ destination: 'a' }, { name: 'a', destination: 'b' }], /'a' twice/],
  ];
  for (const [name, setting, sentence] of bad)
    it(`reports ${name} and goes on`, () => {
      const both = read(Array.isArray(setting) ? [...(setting as unknown[]), { destination: 'z' }] : setting);
      assert.equal(both.warnings.length, 1);
      assert.match(both.warnings[0] ?? '', sentence);
      if (Array.isArray(setting)) assert.deepEqual(both.hosts.at(-1), { name: 'z', destination: 'z' });
    });
});

describe('the pause before a link comes back', () => {
  it('grows to a minute and is spread', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 10, 1000].map((attempt) => backOffSeconds(attempt, 0.5)),
      [1, 2, 4, 8, 60, 60],
    );
    assert.equal(backOffSeconds(10, 0), 45);
    assert.equal(backOffSeconds(10, 1), 75);
    assert.equal(backOffSeconds(0, 0), 1);
  });
});
