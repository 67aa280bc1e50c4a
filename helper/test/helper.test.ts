/** The native helper, built with sanitizers, against a fixture tree: everything that needs no vfio device. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import * as v from 'valibot';
import { FunctionList, HELPER_PROTOCOL_VERSION, Hello, MAX_LINE_BYTES } from '../../protocol/helper';
import { skip } from '../../test/support/skip';
import { FixtureTree } from './fixtureTree';
import { env, failureOf, program, resultOf, talk } from './spawnHelper';

const ISM = { address: '0051:00:00.0', iommuGroup: '0' };

describe('the helper', () => {
  let tree: FixtureTree;
  afterEach(() => tree.remove());

  it('says hello with protocol, build, kernel and machine', () => {
    tree = new FixtureTree([]);
    const { replies, status } = talk(tree, { id: 1, op: 'hello' });
    const hello = v.parse(Hello, resultOf(replies[0]));
    assert.equal(hello.protocol, HELPER_PROTOCOL_VERSION);
    assert.match(hello.build, /^[0-9a-f]{16}$/);
    assert.equal(status, 0);
  });

  it("lists ISM functions alone, in order, with the kernel's attributes", () => {
    tree = new FixtureTree([
      { address: '0053:00:00.0', driver: 'ism', attributes: { uid: '0x53', pft: '0x05', pchid: '0x07c0' } },
      { ...ISM, attributes: { mio_enabled: '0', uid: '0x51' } },
      { address: '0060:00:00.0', vendor: '0x15b3', device: '0x1016' },
    ]);
    const { functions } = v.parse(FunctionList, resultOf(talk(tree, { id: 1, op: 'list' }).replies[0]));
    assert.deepEqual(
      functions.map((fn) => fn.address),
      ['0051:00:00.0', '0053:00:00.0'],
    );
    assert.equal(functions[0]?.driver, null);
    assert.equal(functions[0]?.mioEnabled, '0');
    assert.equal(functions[0]?.iommuGroup, '0');
    assert.equal(functions[0]?.driverOverride, null);
    assert.equal(functions[0]?.vfio.state, 'unbound');
    assert.equal(functions[1]?.driver, 'ism');
    assert.equal(functions[1]?.pchid, '0x07c0');
  });

  it('lists nothing on a host without PCI', () => {
    tree = new FixtureTree([]);
    const args = ['--sysfs-root', '/nonexistent', '--dev-root', tree.dev];
    const result = spawnSync(program.path, args, { input: '{"id":1,"op":"list"}\n', env, encoding: 'utf8' });
    assert.equal(result.stdout, '{"id":1,"result":{"functions":[]}}\n');
  });

  it('replaces unprintable bytes of an attribute', () => {
    tree = new FixtureTree([{ ...ISM, attributes: { uid: '0x\u001b[31m\u202e' } }]);
    const { functions } = v.parse(FunctionList, resultOf(talk(tree, { id: 1, op: 'list' }).replies[0]));
    assert.match(functions[0]?.uid ?? '', /^[\x20-\x7e]+$/);
  });

  it('describes resources and the util string', () => {
    tree = new FixtureTree([
      {
        ...ISM,
        attributes: {
          resource: '0x1000 0x1fff 0x40200\n0x0 0x0 0x0\n0x2000 0x2fff 0x40200',
          class: '0x000000',
        },
      },
    ]);
    const reply = resultOf(talk(tree, { id: 1, op: 'describe', address: ISM.address }).replies[0]) as {
      resources: object[];
    };
    assert.deepEqual(reply.resources, [
      { index: 0, start: '0x1000', end: '0x1fff', flags: '0x40200' },
      { index: 2, start: '0x2000', end: '0x2fff', flags: '0x40200' },
    ]);
  });

  const bad: [string, string | Buffer | object, string, RegExp][] = [
    ['a line that is not JSON', 'open the device', 'EPROTO', /not a JSON object/],
    ['a JSON array', '[]', 'EPROTO', /not a JSON object/],
    ['a request without id', { op: 'hello' }, 'EPROTO', /'id'/],
    ['a negative id', { id: -1, op: 'hello' }, 'EPROTO', /'id'/],
    ['the same field twice', '{"id":1,"op":"hello","op":"list"}', 'EPROTO', /duplicate/],
    ['an unknown operation', { id: 1, op: 'reboot' }, 'EOPNOTSUPP', /does not know/],
    ['an unknown field', { id: 1, op: 'list', all: true }, 'EINVAL', /'all'/],
    ['a path for an address', { id: 1, op: 'open', address: '../../etc' }, 'EINVAL', /PCI address/],
    ['an address with a tail', { id: 1, op: 'open', address: '0051:00:00.0\n' }, 'EINVAL', /PCI address/],
    ['an address in capitals', { id: 1, op: 'open', address: '00AB:00:00.0' }, 'EINVAL', /PCI address/],
    [
      'a function that is not there',
      { id: 1, op: 'open', address: '0099:00:00.0' },
      'ENODEV',
      /no PCI function 0099/,
    ],
    [
      'a function that is not ISM',
      { id: 1, op: 'bind', address: '0060:00:00.0' },
      'not-ism',
      /0x15b3:0x1016/,
    ],
    ['opening an unbound function', { id: 1, op: 'open', address: ISM.address }, 'not-bound', /bind it/],
    ['an unknown vfio interface', { id: 1, op: 'open', address: ISM.address, api: 'uio' }, 'EINVAL', /'api'/],
    ['a handle that is not open', { id: 1, op: 'close', handle: 0 }, 'EBADF', /not open/],
    ['a handle out of range', { id: 1, op: 'close', handle: 1e9 }, 'EINVAL', /'handle'/],
    ['the GID of a handle that is not open', { id: 1, op: 'gid', handle: 0 }, 'EBADF', /not open/],
    [
      'a buffer of a handle that is not open',
      { id: 1, op: 'dmb-register', handle: 0, size: 4096, user: '0x1' },
      'EBADF',
      /not open/,
    ],
    [
      'a buffer that is not registered',
      { id: 1, op: 'dmb-read', dmb: 5, offset: 0, length: 1 },
      'EBADF',
      /buffer 5 is not/,
    ],
    ['a buffer out of range', { id: 1, op: 'dmb-unregister', dmb: 256 }, 'EINVAL', /'dmb'.* 255$/],
    ['a buffer that is a string', { id: 1, op: 'dmb-unregister', dmb: '0' }, 'EINVAL', /'dmb'/],
    [
      'a store to a buffer that is not registered',
      { id: 1, op: 'dmb-store', dmb: 0, handle: 0, offset: '0x0', data: '00', waitMs: 1 },
      'EBADF',
      /buffer 0 is not/,
    ],
    ['a handle that is a string', { id: 1, op: 'close', handle: '0' }, 'EINVAL', /'handle'/],
    [
      'a driver with a slash',
      { id: 1, op: 'bind', address: ISM.address, driver: '../x' },
      'EINVAL',
      /'driver'/,
    ],
    [
      'a driver with a newline',
      { id: 1, op: 'bind', address: ISM.address, driver: 'a\nb' },
      'EINVAL',
      /'driver'/,
    ],
    [
      'a driver that is not loaded',
      { id: 1, op: 'bind', address: ISM.address, driver: 'vfio-pci' },
      'ENOENT',
      /not loaded/,
    ],
    ['a NUL byte', Buffer.from('{"id":1,"op":"li\0st"}\n'), 'EPROTO', /not a JSON object/],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]), 'EPROTO', /not a JSON object/],
    [
      'a name of a field that is cut inside a character',
      { id: 1, op: 'list', [`a${'ü'.repeat(60)}`]: 1 },
      'EINVAL',
      /the field 'aü{19}\?' is not known/,
    ],
    ['deep nesting', '['.repeat(30_000), 'EPROTO', /not a JSON object/],
  ];
  for (const [name, line, code, message] of bad)
    it(`refuses ${name} and answers the next request`, () => {
      tree = new FixtureTree([ISM, { address: '0060:00:00.0', vendor: '0x15b3', device: '0x1016' }]);
      const { replies, status } = talk(tree, line, { id: 7, op: 'hello' });
      assert.equal(replies.length, 2);
      assert.equal(failureOf(replies[0]).code, code);
      assert.match(failureOf(replies[0]).message, message);
      assert.equal(replies[1]?.id, 7);
      assert.equal(status, 0);
    });

  for (const size of [MAX_LINE_BYTES + 1, 3 * MAX_LINE_BYTES, 1_000_000])
    it(`refuses a line of ${size} bytes once and answers the next`, () => {
      tree = new FixtureTree([]);
      const { replies } = talk(tree, 'x'.repeat(size), { id: 2, op: 'hello' });
      assert.deepEqual(
        replies.map((reply) => reply.id),
        [null, 2],
      );
      assert.equal(failureOf(replies[0]).code, 'EMSGSIZE');
    });

  it('ignores a last line without a newline', () => {
    tree = new FixtureTree([]);
    const { replies, status } = talk(tree, Buffer.from('{"id":1,"op":"hello"}'));
    assert.deepEqual(replies, []);
    assert.equal(status, 0);
  });

  it('refuses to unbind a function in use, and writes nothing', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism' }]);
    const { replies } = talk(tree, { id: 1, op: 'bind', address: ISM.address });
    assert.equal(failureOf(replies[0]).code, 'in-use');
    assert.match(failureOf(replies[0]).message, /bound to ism/);
    assert.equal(tree.read('bus/pci/drivers_probe'), '');
    assert.equal(tree.read('bus/pci/drivers/ism/unbind'), '');
    assert.equal(tree.read(`bus/pci/devices/${ISM.address}/driver_override`), '(null)\n');
  });

  it('rolls back when the kernel does not bind', () => {
    tree = new FixtureTree([ISM]);
    const { replies } = talk(tree, { id: 1, op: 'bind', address: ISM.address });
    const failure = failureOf(replies[0]);
    assert.equal(failure.code, 'not-bound');
    assert.match(failure.message, /did not bind .* former driver was restored/);
    // A lone newline is how the kernel is told to clear the override.
    assert.match(tree.read(`bus/pci/devices/${ISM.address}/driver_override`), /^\n/);
  });

  it('writes nothing for a function that is bound as requested', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism_vfio_pci' }]);
    const reply = resultOf(talk(tree, { id: 1, op: 'bind', address: ISM.address }).replies[0]) as {
      steps: string[];
    };
    assert.deepEqual(reply.steps, []);
  });

  it('does not restore a function that another driver took', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism' }]);
    const { replies } = talk(tree, { id: 1, op: 'restore', address: ISM.address });
    assert.equal(failureOf(replies[0]).code, 'in-use');
    assert.equal(tree.read('bus/pci/drivers/ism/unbind'), '');
  });

  it('exits when the input ends, and when the reader is gone', async () => {
    tree = new FixtureTree([]);
    const child = spawn(program.path, ['--sysfs-root', tree.sysfs], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.destroy();
    child.stdin.on('error', () => undefined);
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for (let i = 0; i < 50; i++) child.stdin.write('{"id":1,"op":"hello"}\n');
    assert.equal(await exit, 1);
  });

  for (const closed of ['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])
    it(`opens nothing in place of a closed standard file (${closed})`, function () {
      // Under valgrind the shell that starts it has its script open there.
      if (process.env['ISM_UNDER_VALGRIND']) skip(this, 'not under valgrind');
      tree = new FixtureTree([ISM]);
      const script = `exec "$0" "$@" ${closed}`;
      const args = ['-c', script, program.path, '--sysfs-root', tree.sysfs, '--dev-root', tree.dev];
      const input = '{"id":1,"op":"list"}\n';
      const result = spawnSync('sh', args, { input, env, encoding: 'utf8', timeout: 10_000 });
      assert.equal(result.status, 0, result.stderr);
      assert.equal(result.stdout !== '', closed === '2>&-');
    });

  it('prints the ready event first with --announce', () => {
    tree = new FixtureTree([]);
    const args = ['--announce', '--sysfs-root', tree.sysfs, '--dev-root', tree.dev];
    const result = spawnSync(program.path, args, { input: '{"id":1,"op":"list"}\n', env, encoding: 'utf8' });
    assert.equal(result.stdout, '{"event":"ready"}\n{"id":1,"result":{"functions":[]}}\n');
  });

  it('prints its usage', () => {
    tree = new FixtureTree([]);
    const help = spawnSync(program.path, ['--help'], { env, encoding: 'utf8' });
    assert.match(help.stdout, /--sysfs-root DIR/);
    assert.equal(help.status, 0);
    assert.equal(spawnSync(program.path, ['--nonsense'], { env }).status, 2);
    assert.equal(spawnSync(program.path, ['extra'], { env }).status, 2);
  });
});
