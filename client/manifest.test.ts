/** What package.json contributes: every text through package.nls.json, nothing that reaches a host in an untrusted workspace. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface Manifest {
  contributes: {
    commands: { command: string; enablement?: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    walkthroughs: { steps: { media: { markdown: string } }[] }[];
  };
}
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const manifest = readJson('package.json') as Manifest;
const texts = readJson('package.nls.json') as Record<string, string>;

/** Fields whose values people read. */
const READ_BY_PEOPLE = new Set([
  'title',
  'category',
  'name',
  'contextualTitle',
  'contents',
  'description',
  'markdownDescription',
  'enumDescriptions',
  'altText',
  'displayName',
]);

function visibleTexts(value: unknown, path: string): [path: string, text: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' && READ_BY_PEOPLE.has(key)
      ? [[`${path}.${key}`, inner] as [string, string]]
      : visibleTexts(inner, `${path}.${key}`),
  );
}

describe('the manifest', () => {
  // The name of the package is no text that people read.
  const all = visibleTexts({ ...manifest, name: undefined }, 'package.json');

  it('spells no text out: all are in package.nls.json', () => {
    assert.ok(all.length > 60, String(all.length));
    const spelt = all.filter(([, text]) => !/^%[\w.-]+%$/.test(text));
    assert.deepEqual(spelt, []);
  });

  it('and package.nls.json have the same keys', () => {
    const used = new Set(all.map(([, text]) => text.slice(1, -1)));
    assert.deepEqual(
      [...used].filter((key) => !(key in texts)),
      [],
    );
    assert.deepEqual(
      Object.keys(texts).filter((key) => !used.has(key)),
      [],
    );
  });

  /** They work on what is here: settings, the journal, what was read before, or they end a connection. */
  const LOCAL = [
    ...['removeHost', 'disconnect', 'refresh', 'closeDevice', 'forgetSecrets', 'acceptedHostKeys'],
    ...['openJournal', 'filterJournal', 'clearJournalFilter', 'exportJournal', 'copyStoreAsC'],
    ...['filterDevices', 'clearDevicesFilter', 'toggleFavourite', 'copyValue', 'goToRefusal'],
    ...['openBurst', 'compareBursts', 'exportBurst'],
    ...['stopWatchingDmb'],
    ...['windowFormat', 'snapshotWindow', 'compareWindow', 'openInHexEditor'],
  ].map((name) => `ism.${name}`);

  it('enables commands that reach a host in trusted workspaces only, and hides them from the palette elsewhere', () => {
    const hidden = new Map(
      manifest.contributes.menus['commandPalette']?.map((item) => [item.command, item.when]),
    );
    for (const { command, enablement } of manifest.contributes.commands) {
      if (LOCAL.includes(command)) continue;
      assert.equal(enablement, 'isWorkspaceTrusted', command);
      assert.match(hidden.get(command) ?? '', /isWorkspaceTrusted|resourceScheme == ism-region/, command);
    }
  });

  it('has every page of its walkthrough', () => {
    for (const { steps } of manifest.contributes.walkthroughs)
      for (const { media } of steps) assert.ok(readFileSync(media.markdown, 'utf8').startsWith('# '));
  });
});
