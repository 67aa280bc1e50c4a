/** The command-line packages, as a stranger uses them: installed from their archives alone, into an empty folder. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  COMMAND_LINE_PACKAGES,
  MOST_PACKAGE_BYTES,
  packCommandLine,
} from '../../packaging/commandLinePackages';

const root = process.cwd();
const helper = process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');
const fixture = path.resolve('server/rules/fixtures/region-info-unknown-index/found/default-return.c');

describe('the command-line packages', function () {
  this.timeout(120_000);
  let folder: string;
  let prefix: string;
  let archives: string[];

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-packages-'));
    prefix = path.join(folder, 'prefix');
    mkdirSync(prefix);
    archives = packCommandLine(root, helper, path.join(folder, 'archives'));
    const options = ['--prefix', prefix, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...options, ...archives], {
      cwd: folder,
      env: { ...process.env, npm_config_cache: path.join(folder, 'npm-cache') },
      encoding: 'utf8',
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string): string => path.join(prefix, 'node_modules', '.bin', name);
  const installed = (...parts: string[]): string => path.join(prefix, 'node_modules', ...parts);
  /** Runs outside of the checkout. */
  const run = (name: string, ...args: string[]) =>
    spawnSync(program(name), args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: path.join(folder, 'cache') },
    });

  it('are as small as is promised, and need no other package', () => {
    for (const archive of archives) assert.ok(statSync(archive).size <= MOST_PACKAGE_BYTES, archive);
    const lock = JSON.parse(readFileSync(installed('.package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, unknown>>;
    };
    assert.deepEqual(Object.keys(lock.packages), ['node_modules/ism-lint', 'node_modules/ism-run']);
  });

  it('have the same bytes when they are made again', () => {
    const again = packCommandLine(root, helper, path.join(folder, 'again'));
    assert.deepEqual(
      again.map((file) =>
        readFileSync(file).compare(readFileSync(path.join(folder, 'archives', path.basename(file)))),
      ),
      archives.map(() => 0),
    );
  });

  it('have a licence, the notices of others and a page of their own', () => {
    for (const { name } of COMMAND_LINE_PACKAGES) {
      for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.md'])
        assert.equal(readFileSync(installed(name, file), 'utf8'), readFileSync(file, 'utf8'));
      assert.match(readFileSync(installed(name, 'README.md'), 'utf8'), new RegExp(`^# ${name}\n`));
    }
  });

  it('have the version of the extension', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    for (const name of ['ism-lint', 'ism-run']) {
      const { status, stdout } = run(name, '--version');
      assert.equal(status, 0);
      assert.ok(stdout.includes(version), stdout);
    }
  });

  it('ism-lint finds what it should, and explains it', () => {
    const found = run('ism-lint', '--format', 'gcc', fixture);
    assert.equal(found.status, 1, found.stderr);
    assert.match(found.stdout, /region-info-unknown-index/);
    const page = run('ism-lint', '--explain', 'region-info-unknown-index');
    assert.deepEqual([page.status, page.stderr], [0, '']);
    assert.match(page.stdout, /region-info-unknown-index/);
  });

  it('ism-language-server answers an editor', async () => {
    const child = spawn(program('ism-language-server'), ['--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: folder,
    });
    try {
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { processId: null, rootUri: null, capabilities: {} },
      });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      let answer = '';
      for await (const bytes of child.stdout) {
        answer += String(bytes);
        if (answer.includes('"id":1')) break;
      }
      assert.match(answer, /"capabilities":/);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('ism-run checks a script without a host', () => {
    const good = run('ism-run', '--dry-run', path.resolve('test/fixtures/scripts/first.ism'));
    assert.equal(good.status, 0, good.stdout + good.stderr);
    const bad = run('ism-run', '--dry-run', fixture);
    assert.equal(bad.status, 2, bad.stdout);
  });

  it('ism-run has the helper for the hosts where it looks for it', () => {
    // The connection is refused; a missing helper would have been said before.
    const config = ['--ssh-config', '/dev/null', '--host', '127.0.0.1:1'];
    const { stderr } = run(
      'ism-run',
      ...config,
      '--device',
      'fid:0x61',
      path.resolve('test/fixtures/scripts/first.ism'),
    );
    assert.doesNotMatch(stderr, /helper/);
    const shipped = installed('ism-run', 'dist', 'helper', 'ism-helper-s390x');
    const sum = createHash('sha256').update(readFileSync(shipped)).digest('hex');
    assert.equal(readFileSync(`${shipped}.sha256`, 'utf8'), `${sum}  ism-helper-s390x\n`);
    assert.deepEqual(readFileSync(shipped), readFileSync(helper));
  });

  it('have nothing that belongs to development', () => {
    for (const name of ['test', 'lab', 'node_modules', 'dist/tools', 'dist/server/server.js.map'])
      for (const each of COMMAND_LINE_PACKAGES) assert.ok(!existsSync(installed(each.name, name)), name);
  });
});
