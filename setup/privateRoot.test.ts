import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrivateApt } from './apt';
import { openSetup, type SetupContext } from './context';
import { privateRoot, type RootRequest } from './privateRoot';
import type { World } from './worlds';

/** A Debian archive of one suite, made with dpkg-deb, which apt reads from the disk. */
class Archive {
  /** Counts what was published: apt takes an index with the same date for the same. */
  private published = 0;

  constructor(readonly folder: string) {
    mkdirSync(path.join(folder, 'pool'), { recursive: true });
    mkdirSync(path.join(folder, 'dists/test/main/binary-amd64'), { recursive: true });
  }

  /** Adds a package that holds one file, /usr/share/NAME/version. */
  add(name: string, version: string, depends = ''): void {
    const tree = path.join(this.folder, 'tree');
    mkdirSync(path.join(tree, 'DEBIAN'), { recursive: true });
    mkdirSync(path.join(tree, 'usr/share', name), { recursive: true });
    writeFileSync(path.join(tree, 'usr/share', name, 'version'), version);
    const control = {
      Package: name,
      Version: version,
      Architecture: 'amd64',
      Maintainer: 'nobody <nobody@example.org>',
      ...(depends ? { Depends: depends } : {}),
      Description: 'a test',
    };
    const lines = Object.entries(control).map(([field, value]) => `${field}: ${value}\n`);
    writeFileSync(path.join(tree, 'DEBIAN/control'), lines.join(''));
    const file = `pool/${name}_${version}_amd64.deb`;
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', tree, path.join(this.folder, file)], {
      stdio: 'pipe',
    });
    rmSync(tree, { recursive: true });
    writeFileSync(
      path.join(this.folder, `${name}.stanza`),
      `${lines.join('')}Filename: ${file}\nSize: ${statSync(path.join(this.folder, file)).size}\nSHA256: ${this.hash(file)}\n`,
    );
    this.publish();
  }

  /** A package file leaves the pool, as those of moving suites do. */
  remove(name: string, version: string): void {
    rmSync(path.join(this.folder, `pool/${name}_${version}_amd64.deb`));
  }

  private publish(): void {
    const stanzas = readdirSync(this.folder).filter((name) => name.endsWith('.stanza'));
    const text = stanzas.map((name) => readFileSync(path.join(this.folder, name), 'utf8')).join('\n');
    const index = 'main/binary-amd64/Packages';
    writeFileSync(path.join(this.folder, 'dists/test', index), text);
    writeFileSync(
      path.join(this.folder, 'dists/test/Release'),
      `Suite: test\nArchitectures: amd64\nComponents: main\nDate: ${new Date(++this.published * 3_600_000).toUTCString()}\nSHA256:\n ${this.hash(
        `dists/test/${index}`,
      )} ${text.length} ${index}\n`,
    );
  }

  private hash(file: string): string {
    return createHash('sha256')
      .update(readFileSync(path.join(this.folder, file)))
      .digest('hex');
  }
}

describe('private roots', function () {
  this.timeout(60_000);
  let setup: SetupContext;
  let archive: Archive;
  let said: string[];
  let plans: number;

  beforeEach(() => {
    const cache = mkdtempSync(path.join(tmpdir(), 'private-root-'));
    said = [];
    plans = 0;
    setup = openSetup({ cache, say: (line) => said.push(line) });
    archive = new Archive(path.join(cache, 'archive'));
    archive.add('library', '1.0');
    archive.add('program', '1.0', 'library (>= 1.0)');
  });
  afterEach(() => rmSync(setup.cache, { recursive: true }));

  /** A run of its own, as far as the knowledge of the index in this process goes. */
  function request(recipe: number, packages = ['program']): RootRequest {
    const apt = new PrivateApt(setup, {
      folder: path.join(setup.cache, 'apt', 'test'),
      sources: [
        {
          uri: `copy:${archive.folder}`,
          suites: ['test'],
          components: ['main'],
          options: { trusted: 'yes' },
        },
      ],
      architectures: ['amd64'],
    });
    const world: World = {
      name: 'test',
      withApt: async (_setup, work) => {
        await apt.index(false);
        return work(apt);
      },
    };
    const plan = (): { packages: string[] } => {
      plans++;
      return { packages };
    };
    return { name: 'program', what: 'a program', world, recipe, plan };
  }

  const content = (folder: string, name: string): string =>
    readFileSync(path.join(folder, 'usr/share', name, 'version'), 'utf8');

  it('hold packages with what they depend on, and are asked for once', async () => {
    const root = await privateRoot(setup, request(1));
    assert.equal(content(root.folder, 'program'), '1.0');
    assert.equal(content(root.folder, 'library'), '1.0');
    assert.deepEqual(root.versions, { 'program:amd64': '1.0', 'library:amd64': '1.0' });
    // Without an archive, so that nothing but the cache can answer.
    renameSync(archive.folder, `${archive.folder}.gone`);
    assert.deepEqual(await privateRoot(setup, request(1)), root);
    assert.equal(plans, 1);
  });

  it('are complete when an interrupted run has left packages behind', async () => {
    const root = await privateRoot(setup, request(1));
    rmSync(root.folder, { recursive: true });
    rmSync(path.join(setup.cache, 'packages'), { recursive: true });
    const left = 'program_1.0_amd64.deb';
    const archives = path.join(setup.cache, 'apt/test/archives');
    writeFileSync(path.join(archives, left), readFileSync(path.join(archive.folder, 'pool', left)));
    const part = path.join(setup.cache, 'packages/library_1.0_amd64.part');
    mkdirSync(part, { recursive: true });
    writeFileSync(path.join(part, 'half'), '');
    assert.deepEqual(await privateRoot(setup, request(1)), root);
    assert.equal(content(root.folder, 'program'), '1.0');
    assert.equal(content(root.folder, 'library'), '1.0');
    assert.equal(existsSync(part), false);
  });

  it('are made with a new index when the archive has moved', async () => {
    const before = await privateRoot(setup, request(1, ['library']));
    archive.add('library', '1.1');
    archive.add('program', '1.1', 'library (>= 1.1)');
    archive.remove('library', '1.0');
    archive.remove('program', '1.0');
    const after = await privateRoot(setup, request(2));
    assert.deepEqual(after.versions, { 'program:amd64': '1.1', 'library:amd64': '1.1' });
    assert.match(said.join('\n'), /the archive has moved/);
    assert.equal(content(before.folder, 'library'), '1.0');
  });

  it('are asked for again on request, once in a run, and only what changed is fetched', async () => {
    await privateRoot(setup, request(1));
    archive.add('library', '1.1');
    said.length = 0;
    const refreshing = { ...setup, refresh: true };
    const world = request(1).world;
    const apt = (force: boolean): World => ({
      name: world.name,
      withApt: (context, work) =>
        world.withApt(context, async (one) => {
          await one.index(force);
          return work(one);
        }),
    });
    const refreshed = await privateRoot(refreshing, { ...request(1), world: apt(true) });
    assert.deepEqual(refreshed.versions, { 'program:amd64': '1.0', 'library:amd64': '1.1' });
    assert.match(said.join('\n'), /downloading a program \(1 package, /);
    const count = plans;
    await privateRoot(refreshing, { ...request(1), world: apt(true) });
    assert.equal(plans, count);
  });

  it('name the package that is missing', async () => {
    await assert.rejects(
      privateRoot(setup, request(1, ['no-such-package'])),
      /^SetupError: The package no-such-package is not in test \(details: .*\.log\)\.$/,
    );
    assert.equal(existsSync(path.join(setup.cache, 'roots')), false);
  });

  it('say where the index cannot be had', async () => {
    renameSync(archive.folder, `${archive.folder}.gone`);
    await assert.rejects(privateRoot(setup, request(1)), /^SetupError: .*ISM_DEBIAN_MIRROR/);
  });
});
