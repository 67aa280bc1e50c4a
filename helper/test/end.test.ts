/** The helper's end, and answers that cannot wait: nobody reads, an attribute blocks, the link is silent. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { FunctionList, Silence } from '../../protocol/helper';
import { FixtureTree } from './fixtureTree';
import { env, failureOf, program, resultOf, talk } from './spawnHelper';

const ISM = { address: '0051:00:00.0', driver: 'ism' };

describe("the helper's end", function () {
  this.timeout(60_000);
  let tree: FixtureTree;
  const children: ChildProcess[] = [];
  beforeEach(() => (tree = new FixtureTree([ISM])));
  afterEach(() => {
    children.splice(0).forEach((child) => child.kill('SIGKILL'));
    tree.remove();
  });

  function start() {
    const child = spawn(program.path, tree.args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    children.push(child);
    return child;
  }
  const ended = (child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> =>
    new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
  const fifo = (name: string): string => {
    const file = path.join(tree.of(ISM.address), name);
    rmSync(file, { force: true });
    assert.equal(spawnSync('mkfifo', [file]).status, 0);
    return file;
  };
  /** Processes of this program that have a file of the tree open or wait for one: those that it left behind. */
  const left = (): number =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => {
        try {
          return (
            readlinkSync(`/proc/${pid}/exe`) === program.path &&
            readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(tree.sysfs)
          );
        } catch {
          return false;
        }
      }).length;
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  /** Fills the pipe of its answers, which nobody reads. */
  async function full(child: ReturnType<typeof start>): Promise<void> {
    const began = new Promise((resolve) => child.stdout.once('readable', resolve));
    const many = '{"id":1,"op":"list"}\n'.repeat(2000);
    child.stdin.write(many);
    await began;
  }

  it('follows the end of the input even if no one reads the answers', async () => {
    const child = start();
    await full(child);
    const end = ended(child);
    child.stdin.end();
    assert.deepEqual(await end, [1, null]);
  });

  it('follows SIGTERM even if no one reads the answers', async () => {
    const child = start();
    await full(child);
    const end = ended(child);
    child.kill('SIGTERM');
    assert.deepEqual(await end, [1, null]);
  });

  it('waits for a slow reader while the input is open', async () => {
    const child = start();
    child.stdout.pause();
    const requests = 3000;
    child.stdin.write('{"id":1,"op":"hello"}\n'.repeat(requests));
    // Longer than it would wait for a reader if its input had ended: that it does nothing has no sign to wait for.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    assert.equal(child.exitCode, null);
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString())).resume();
    child.stdin.end();
    assert.deepEqual(await ended(child), [0, null]);
    await until(() => text.split('\n').length === requests + 1);
  });

  it('does not wait for an attribute that blocks in the kernel', async () => {
    fifo('driver_override');
    fifo('uid');
    const { replies, status } = talk(
      tree,
      { id: 1, op: 'list' },
      { id: 2, op: 'bind', address: ISM.address, force: true },
      { id: 3, op: 'list' },
    );
    const [fn] = v.parse(FunctionList, resultOf(replies[0])).functions;
    assert.deepEqual(fn?.unread, ['uid', 'driver_override']);
    assert.deepEqual([fn.uid, fn.driverOverride, fn.driver, fn.change], [null, null, 'ism', 'running']);
    assert.equal(failureOf(replies[1]).code, 'ETIMEDOUT');
    assert.match(failureOf(replies[1]).message, /does not return the driver_override .*try again/);
    assert.equal(status, 0);
    await until(() => left() === 0);
  });

  it('follows the end of the input or SIGTERM while an attribute blocks', async () => {
    fifo('vendor');
    for (const end of ['input', 'SIGTERM'] as const) {
      const child = start();
      const exit = ended(child);
      child.stdin.write('{"id":1,"op":"list"}\n');
      if (end === 'input') child.stdin.end();
      else child.kill(end);
      const [code] = await exit;
      assert.ok(code === 0 || code === 1 || code === null);
      await until(() => left() === 0);
    }
  });

  it('leaves at most one process behind for an unbind that never finishes', async () => {
    const unbind = path.join(tree.sysfs, 'bus/pci/drivers/ism/unbind');
    rmSync(unbind);
    assert.equal(spawnSync('mkfifo', [unbind]).status, 0);
    const bind = { op: 'bind', address: ISM.address, force: true };
    const { replies } = talk(tree, { id: 1, ...bind }, { id: 2, ...bind }, { id: 3, op: 'list' });
    assert.equal(failureOf(replies[0]).code, 'EINPROGRESS');
    assert.equal(failureOf(replies[1]).code, 'EBUSY');
    assert.match(failureOf(replies[1]).message, /another helper .* an earlier change is still in progress/);
    assert.equal(v.parse(FunctionList, resultOf(replies[2])).functions[0]?.change, 'running');
    // Another helper finds the same, and leaves nothing more.
    const again = talk(tree, { id: 1, ...bind }, { id: 2, op: 'list' });
    assert.equal(failureOf(again.replies[0]).code, 'EBUSY');
    assert.equal(left(), 1);
    // The kernel comes back: the lock is free, and the list says what was cut off.
    spawnSync('sh', ['-c', 'exec cat "$0"', unbind], { timeout: 10_000 });
    await until(() => left() === 0);
    const [fn] = v.parse(FunctionList, resultOf(talk(tree, { id: 1, op: 'list' }).replies[0])).functions;
    assert.equal(fn?.change, 'halfway');
    assert.equal(fn.driverOverride?.startsWith('ism_vfio_pci'), true);
  });

  it('follows the agreed silence of the link, and no silence without an agreement', async () => {
    const child = start();
    const errors: string[] = [];
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes.toString()));
    let answers = '';
    child.stdout.on('data', (bytes: Buffer) => (answers += bytes.toString()));
    child.stdin.write('{"id":1,"op":"hello"}\n');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.equal(child.exitCode, null);
    child.stdin.write('{"id":2,"op":"ping","silence":2}\n');
    // Signs of life keep it: any request is one.
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      child.stdin.write('{"id":3,"op":"hello"}\n');
    }
    assert.equal(child.exitCode, null);
    assert.deepEqual(await ended(child), [1, null]);
    assert.match(errors.join(''), /no input for too long/);
    const answer = answers.split('\n').find((line) => line.includes('"id":2')) ?? '';
    assert.deepEqual(v.parse(Silence, (JSON.parse(answer) as { result: unknown }).result), { silence: 2 });
  });

  for (const silence of [1, 3601, -1, '45'])
    it(`refuses a silence of ${JSON.stringify(silence)}`, () =>
      assert.match(failureOf(talk(tree, { id: 1, op: 'ping', silence }).replies[0]).message, /'silence'/));
});
