import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Governance } from './apply';
import { Configurations } from './find';
import { configurationJsonSchema } from './jsonSchema';
import { readConfiguration } from './read';

/** Each problem as `what stands there: sentence`. */
function problems(text: string): string[] {
  return readConfiguration(text).problems.map(
    ({ start, end, message }) => `${text.slice(start, end)} => ${message}`,
  );
}

describe('.ism-lint.json', () => {
  it('may have comments and trailing commas, and sets what it says', () => {
    const { configuration, problems: none } = readConfiguration(
      '{\n  // ours\n  "rules": { "short-io-ignored": "off", },\n  "exclude": ["tools/"],\n}',
    );
    assert.deepEqual(none, []);
    assert.deepEqual(configuration, { rules: { 'short-io-ignored': 'off' }, exclude: ['tools/'] });
  });

  const mistakes: readonly (readonly [string, string, string])[] = [
    [
      'an unknown rule',
      '{"rules": {"region-info-unknown-indx": "off"}}',
      `"region-info-unknown-indx" => There is no rule 'region-info-unknown-indx'. Did you mean 'region-info-unknown-index'?`,
    ],
    [
      'a level that does not exist',
      '{"rules": {"short-io-ignored": "fatal"}}',
      '"fatal" => A rule must be set to one of off, info, warning, error.',
    ],
    [
      'an unknown name',
      '{"excludes": []}',
      `"excludes" => 'excludes' is not a known name here. Did you mean 'exclude'?`,
    ],
    ['a pattern that is no string', '{"exclude": [7]}', '7 => A pattern must be a string.'],
    [
      'an override without paths',
      '{"overrides": [{"rules": {}}]}',
      `{"rules": {}} => 'paths' is missing here.`,
    ],
    [
      'a wrapper of no function',
      '{"wrappers": {"a": "b c"}}',
      '"b c" => This is not the name of a function.',
    ],
    [
      'a wrapper that is no name',
      '{"wrappers": {"a-b": "c"}}',
      '"a-b" => This is not the name of a function.',
    ],
    [
      'rules in an array',
      '{"rules": ["short-io-ignored"]}',
      '["short-io-ignored"] => rules must be an object such as { "RULE": "off" }.',
    ],
    ['an array', '[]', '[] => The configuration must be an object.'],
    ['nothing', '', ' => The configuration is empty. Write {}.'],
    ['a brace that is missing', '{"exclude": []', ' => Expected a closing brace }.'],
    [
      'a name that is set twice',
      '{"rules": {}, "exclude": [], "rules": {}}',
      '"rules" => \'rules\' is set already; remove one of the two.',
    ],
    ['words', '{rules}', 'rules => This is not a JSON value.'],
  ];
  for (const [what, text, expected] of mistakes)
    it(`says where ${what} stands`, () => assert.deepEqual(problems(text), [expected]));

  it('counts as far as it is right', () => {
    const { configuration } = readConfiguration(
      '{"rules": {"short-io-ignored": "off", "nonsense": "off"}, "exclude": [7, "a"], "overrides": [{"rules": {}}], "x": 1}',
    );
    assert.deepEqual(configuration, {
      rules: { 'short-io-ignored': 'off' },
      exclude: ['a'],
      overrides: [{ rules: {}, paths: [] }],
    });
  });

  it('fits files by patterns from its folder; the last override counts', () => {
    const governance = new Governance('/tree', {
      rules: { a: 'error' },
      overrides: [
        { paths: ['drivers/'], rules: { a: 'warning' } },
        { paths: ['*.h'], rules: { a: 'off' } },
      ],
      exclude: ['tools/**', '!tools/keep.c'],
    } as never);
    assert.equal(governance.level('a', '/tree/x.c'), 'error');
    assert.equal(governance.level('a', '/tree/drivers/x.c'), 'warning');
    assert.equal(governance.level('a', '/tree/drivers/x.h'), 'off');
    assert.equal(governance.level('b', '/tree/drivers/x.h'), undefined);
    assert.ok(governance.excludes('/tree/tools/deep/x.c'));
    assert.ok(!governance.excludes('/tree/tools/keep.c'));
    assert.ok(!governance.excludes('/elsewhere/tools/x.c'));
  });

  it('has a schema for editors that is current (UPDATE_REFERENCE=1 writes it)', () => {
    const file = path.resolve('server/configuration/ism-lint.schema.json');
    if (process.env['UPDATE_REFERENCE']) writeFileSync(file, configurationJsonSchema());
    assert.equal(readFileSync(file, 'utf8'), configurationJsonSchema());
  });

  it('is offered by the settings of the same names', () => {
    interface Property {
      properties?: Record<string, { description?: string }>;
      type: string;
    }
    const texts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
    const spelt = (properties: Property['properties'] = {}): object =>
      JSON.parse(
        JSON.stringify(properties).replace(/"%([\w.-]+)%"/g, (key, name: string) =>
          JSON.stringify(texts[name] ?? key),
        ),
      ) as object;
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { configuration: { properties: Record<string, Property> } };
    };
    const schema = JSON.parse(configurationJsonSchema()) as { properties: Record<string, Property> };
    const { contributes } = manifest;
    const rules = contributes.configuration.properties['ism.lint.rules'];
    if (process.env['UPDATE_REFERENCE'] && rules) {
      const generated = schema.properties['rules']?.properties ?? {};
      for (const key of Object.keys(texts)) if (key.startsWith('rule.')) delete texts[key];
      rules.properties = {};
      for (const [rule, property] of Object.entries(generated)) {
        texts[`rule.${rule}`] = property.description ?? '';
        rules.properties[rule] = { ...property, description: `%rule.${rule}%` };
      }
      writeFileSync('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
      writeFileSync('package.nls.json', `${JSON.stringify(texts, undefined, 2)}\n`);
    }
    for (const name of ['rules', 'exclude', 'wrappers']) {
      const setting = contributes.configuration.properties[`ism.lint.${name}`];
      assert.ok(setting, name);
      assert.equal(setting.type, schema.properties[name]?.type, name);
      assert.deepEqual(spelt(setting.properties), schema.properties[name]?.properties ?? {}, name);
    }
  });
});

describe('the configuration of a file', () => {
  let folder: string;
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ism-configuration-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the nearest one, alone, over the settings of the editor', () => {
    write('.ism-lint.json', '{"rules": {"short-io-ignored": "off"}}');
    write('deep/er/.ism-lint.json', '{"rules": {"region-info-argsz": "info"}}');
    const settings = { rules: { 'short-io-ignored': 'error', 'mmap-without-flag': 'info' } } as const;
    const found = new Configurations(settings);
    const levels = (name: string): (string | undefined)[] =>
      ['short-io-ignored', 'region-info-argsz', 'mmap-without-flag'].map((rule) =>
        found.of(path.join(folder, name)).level(rule, path.join(folder, name)),
      );
    assert.deepEqual(levels('a.c'), ['off', undefined, 'info']);
    assert.deepEqual(levels('deep/a.c'), ['off', undefined, 'info']);
    assert.deepEqual(levels('deep/er/a.c'), ['error', 'info', 'info']);
    write('deep/.ism-lint.json', '{}');
    found.expire();
    assert.deepEqual(levels('deep/a.c'), ['error', undefined, 'info']);
  });
});
