/** ism-run before it reaches a host: what is wrong on its command line, in its files, and being stopped. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandLine } from './commandLine';

describe('ism-run without a host', () => {
  let folder: string;
  let good: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-run-'));
    good = put('good.ism', 'store bar0 0 hex 00');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(name: string, ...lines: string[]): string {
    const file = path.join(folder, name);
    writeFileSync(file, ['device 0051:00:00.0', ...lines, ''].join('\n'));
    return file;
  }

  async function run(
    args: readonly string[],
    signal = new AbortController().signal,
  ): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const output = {
      out: (text: string) => void (written.out += text),
      err: (text: string) => void (written.err += text),
    };
    const code = await commandLine(args, folder, output, signal);
    return { code, ...written };
  }

  it('counts what it could run', async () => {
    const { code, err } = await run([good, '--dry-run']);
    assert.deepEqual([code, err], [0, 'ism-run: 1 test with 1 store could be run; nothing was.\n']);
  });

  it('runs a file once that is named twice', async () => {
    const { err } = await run([good, path.join(folder, '.', 'good.ism'), '--dry-run']);
    assert.match(err, /1 test with 1 store /);
  });

  it('refuses what it cannot use before it reaches a host', async () => {
    const wrong: [string[], RegExp][] = [
      [[''], /^ism-run: '' does not exist\.\n$/],
      [[folder], /is a folder; name the scripts in it\.\n$/],
      [[good, '--host', ''], /^ism-run: '' does not name a host/],
      [[good, '--host', 'lpar1:99999'], /has a port outside 1 to 65535/],
      [[good, '--report', `tap=${folder}`], /^ism-run: The report \S+ is a folder\.\n$/],
      [
        [good, '--report', `junit=${folder}/none/x.xml`],
        /^ism-run: The report \S+ cannot be written \(.*\)\.\n$/,
      ],
    ];
    for (const [args, sentence] of wrong) {
      const { code, out, err } = await run([...args, '--dry-run']);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, sentence);
    }
  });

  it('does not wait for a pipe that nobody writes to', async () => {
    const pipe = path.join(folder, 'pipe.ism');
    spawnSync('mkfifo', [pipe]);
    const { code, err } = await run([pipe, '--dry-run']);
    assert.equal(code, 2);
    assert.match(err, /There is no step/);
  });

  it('says what may have been meant, as the editor offers it', async () => {
    const file = put('typo.ism', 'let sink = 8', 'store bar0 snk hex 00', 'store bar0 sink hax 00');
    const { code, err } = await run([file, '--dry-run']);
    assert.equal(code, 2);
    assert.match(err, /typo\.ism:3:12: error: There is no name 'snk' .* Is sink meant\? \[bad-offset\]\n/);
    assert.match(
      err,
      /typo\.ism:4:\d+: error: 'hax' is not a form of data; did you mean hex\? \[bad-data\]\n/,
    );
  });

  it('ends with 130 when it is interrupted while it connects', async () => {
    mkdirSync(path.join(folder, 'journal'));
    const open = new Set<Socket>();
    const stop = new AbortController();
    // A server that says nothing keeps the connection waiting.
    const server = createServer((socket) => {
      open.add(socket);
      stop.abort();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const args = [good, '--host', `127.0.0.1:${port}`, '--ssh-config', '/dev/null', '--helper', good];
      const { code, err } = await run([...args, '--journal', path.join(folder, 'journal')], stop.signal);
      assert.equal(code, 130, err);
      assert.match(err, /^ism-run: .*cancelled\.\n$/);
    } finally {
      for (const socket of open) socket.destroy();
      server.close();
    }
  });
});
