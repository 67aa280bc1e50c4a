import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { reference } from './reference';
import { rules } from './rules';

const folder = path.resolve('server/rules');

describe('the reference of the rules', () => {
  it('is current (UPDATE_REFERENCE=1 writes it)', () => {
    const file = path.join(folder, 'README.md');
    if (process.env.UPDATE_REFERENCE) writeFileSync(file, reference(rules));
    assert.equal(readFileSync(file, 'utf8'), reference(rules));
  });

  for (const rule of rules)
    it(`${rule.id}: its page says what a page has to say`, () => {
      const page = readFileSync(path.join(folder, `${rule.id}.md`), 'utf8');
      const severity = { error: 'Error', warning: 'Warning', info: 'Info' }[rule.severity];
      assert.ok(page.startsWith(`# ${rule.id}\n\n**${severity}.** `), 'name and severity come first');
      for (const heading of ['Why', 'Wrong', 'Right', 'Suppressing it', 'Limits'])
        assert.match(page, new RegExp(`^## ${heading}$`, 'm'));
      assert.ok(page.includes(`ism-lint-ignore ${rule.id}: `));
      assert.match(rule.id, /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/);
      assert.match(rule.title, /^([A-Z]|\w+\(\)).*\.$/, 'a sentence, or one that begins with a function');
      for (const text of [page, rule.title]) assert.doesNotMatch(text, /TODO/, 'something is left to write');
    });

  it('has a page and fixtures for every rule, and none for others', () => {
    const ids = rules.map(({ id }) => id).sort();
    const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
    assert.deepEqual(pages.map((name) => name.slice(0, -3)).sort(), ids);
    for (const id of ids)
      for (const kind of ['found', 'silent'])
        assert.ok(existsSync(path.join(folder, 'fixtures', id, kind)), `${id}: ${kind}`);
  });
});
