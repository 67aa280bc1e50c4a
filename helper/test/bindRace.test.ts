/** Two programs that change one function's driver, and functions that are bound but have no vfio file. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { FunctionList, Reply } from '../../protocol/helper';
import { FixtureTree } from './fixtureTree';
import { env, failureOf, program, resultOf, talk } from './spawnHelper';

const ISM = { address: '0051:00:00.0', driver: 'ism' };
const OTHER = { address: '0052:00:00.0' };

/** Whether a process other than this one has a file open. */
function isOpenElsewhere(file: string): boolean {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .some((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file);
      } catch {
        return false; // it has ended, or is somebody else's
      }
    });
}

describe('two programs that change one function', function () {
  this.timeout(30_000);
  let tree: FixtureTree;
  beforeEach(() => (tree = new FixtureTree([ISM, OTHER], ['ism', 'ism_vfio_pci', 'vfio-pci'])));
  afterEach(() => tree.remove());

  const at = (name: string): string => path.join(tree.of(ISM.address), name);
  const bind = { op: 'bind', address: ISM.address, force: true };

  /** A helper that has written the override and waits in the unbind, until `release` lets that fail. */
  async function halfway() {
    const unbind = path.join(tree.sysfs, 'bus/pci/drivers/ism/unbind');
    rmSync(unbind);
    assert.equal(spawnSync('mkfifo', [unbind]).status, 0);
    // A full pipe: a write to it waits, and fails for certain when the last reader, this process, closes it.
    const pipe = openSync(unbind, constants.O_RDWR | constants.O_NONBLOCK);
    assert.throws(() => {
      for (;;) writeSync(pipe, Buffer.alloc(4096));
    }, /EAGAIN/);
    const child = spawn(program.path, tree.args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let answer = '';
    child.stdout.on('data', (text: Buffer) => (answer += text.toString()));
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.end(`${JSON.stringify({ id: 1, ...bind })}\n`);
    while (!isOpenElsewhere(unbind)) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.match(readFileSync(at('driver_override'), 'utf8'), /^ism_vfio_pci/);
    return {
      /** The unbind's write fails, as it does where another program has unbound the function already. */
      release: async () => {
        closeSync(pipe);
        await ended;
        return failureOf(v.parse(Reply, JSON.parse(answer)));
      },
    };
  }

  it('a second helper is refused and writes nothing while one changes a function', async () => {
    const first = await halfway();
    const { replies } = talk(
      tree,
      { id: 1, ...bind, driver: 'vfio-pci' },
      { id: 2, op: 'list' },
      { id: 3, ...bind, address: OTHER.address },
    );
    assert.equal(failureOf(replies[0]).code, 'EBUSY');
    const { functions } = v.parse(FunctionList, resultOf(replies[1]));
    assert.deepEqual(
      functions.map(({ address, change }) => [address, change]),
      [
        [ISM.address, 'running'],
        [OTHER.address, 'none'],
      ],
    );
    // No driver takes it in this tree, but it was tried.
    assert.equal(failureOf(replies[2]).code, 'not-bound');
    assert.match(readFileSync(at('driver_override'), 'utf8'), /^ism_vfio_pci/);
    const failure = await first.release();
    assert.match(failure.message, /the former driver was restored/);
  });

  it('a change by another program is not rolled back', async () => {
    const first = await halfway();
    // A program that knows nothing of our lock binds the function elsewhere.
    writeFileSync(at('driver_override'), 'vfio-pci\n');
    rmSync(at('driver'));
    symlinkSync('../../drivers/vfio-pci', at('driver'));
    const failure = await first.release();
    assert.match(
      failure.message,
      /not rolled back: another program has changed the function since .*driver vfio-pci, override vfio-pci/,
    );
    assert.equal(readFileSync(at('driver_override'), 'utf8'), 'vfio-pci\n');
    assert.equal(readlinkSync(at('driver')), '../../drivers/vfio-pci');
    assert.equal(tree.read('bus/pci/drivers/vfio-pci/unbind'), '');
    assert.equal(tree.read('bus/pci/drivers_probe'), '');
  });
});

describe('a bound function whose vfio file is missing', () => {
  let tree: FixtureTree;
  afterEach(() => tree.remove());
  const BOUND = { address: '0051:00:00.0', driver: 'vfio-pci', iommuGroup: '0' };
  const make = (...files: string[]): void => {
    tree = new FixtureTree([BOUND], ['vfio-pci']);
    for (const file of files) writeFileSync(path.join(tree.dev, file), '');
  };
  const ask = () => {
    const { replies } = talk(tree, { id: 1, op: 'list' }, { id: 2, op: 'open', address: BOUND.address });
    const [fn] = v.parse(FunctionList, resultOf(replies[0])).functions;
    return { vfio: fn?.vfio, failure: failureOf(replies[1]) };
  };

  it('is reported as no-node, not as unbound', () => {
    make();
    const { vfio, failure } = ask();
    assert.deepEqual(vfio, { state: 'no-node', node: null });
    assert.equal(failure.code, 'ENODEV');
    assert.match(failure.message, /is bound to vfio-pci, but this host has no vfio file for it/);
  });

  it('is not ready while the container file is missing', () => {
    make('vfio/0');
    const { vfio, failure } = ask();
    assert.equal(vfio?.state, 'no-node');
    // What the file of a group is asked first, a file of a test does not answer.
    assert.match(failure.message, /does not answer as a vfio group/);
    tree.remove();
    make('vfio/0', 'vfio/vfio');
    assert.equal(ask().vfio?.state, 'ready');
  });
});
