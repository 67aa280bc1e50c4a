/** Plans and use against a fixture tree: what would be written is told, and nothing is written. */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { BindPlan, Hello, Usage, Watching, type PlannedBind } from '../../protocol/helper';
import { FixtureTree } from './fixtureTree';
import { failureOf, resultOf, talk } from './spawnHelper';

const ISM = { address: '0051:00:00.0', iommuGroup: '0' };
const OTHER = { address: '0052:00:00.0', iommuGroup: '1' };

describe('a plan', () => {
  let tree: FixtureTree;
  afterEach(() => tree.remove());

  const planned = (...requests: object[]): PlannedBind[] =>
    v.parse(BindPlan, resultOf(talk(tree, ...requests).replies.at(-1))).plans;
  const ask = (addresses: string[], driver?: string): object => ({
    id: 1,
    op: 'plan-bind',
    addresses,
    ...(driver ? { driver } : {}),
  });
  const override = (address: string): string => tree.read(`bus/pci/devices/${address}/driver_override`);
  /** Every file that a bind would write holds what the tree was made with. */
  const untouched = (): void => {
    assert.equal(tree.read('bus/pci/drivers_probe'), '');
    assert.equal(tree.read('bus/pci/drivers/ism/unbind'), '');
    assert.equal(override(ISM.address), '(null)\n');
  };

  it('lists the writes and their rollback for each function, and writes nothing', () => {
    tree = new FixtureTree([ISM, { ...OTHER, driver: 'vfio-pci', attributes: { driver_override: 'x' } }]);
    const [first, second] = planned(ask([ISM.address, OTHER.address]));
    const at = (address: string, leaf: string): string => path.join(tree.of(address), leaf);
    const probe = path.join(tree.sysfs, 'bus/pci/drivers_probe');
    assert.deepEqual(first?.writes, [
      { path: at(ISM.address, 'driver_override'), value: 'ism_vfio_pci' },
      { path: probe, value: ISM.address },
    ]);
    assert.deepEqual(first.rollback, [
      { path: at(ISM.address, 'driver_override'), value: '' },
      { path: at(ISM.address, 'driver/unbind'), value: ISM.address },
    ]);
    assert.deepEqual(second?.present, { driver: 'vfio-pci', driverOverride: 'x' });
    assert.deepEqual(second.rollback, [
      { path: at(OTHER.address, 'driver_override'), value: 'x' },
      { path: at(OTHER.address, 'driver/unbind'), value: OTHER.address },
      { path: probe, value: OTHER.address },
    ]);
    untouched();
  });

  it('has no writes for a function that is bound as requested, with any override', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism_vfio_pci' }]);
    const [plan] = planned(ask([ISM.address]));
    assert.deepEqual([plan?.writes, plan?.gravest], [[], 'note']);
    assert.match(plan?.warnings[0]?.message ?? '', /is bound to ism_vfio_pci already/);
  });

  it('names the module to load', () => {
    tree = new FixtureTree([ISM], ['ism']);
    const [plan] = planned(ask([ISM.address]));
    assert.equal(plan?.gravest, 'refuse');
    assert.match(plan.warnings[0]?.message ?? '', /run 'modprobe ism-vfio-pci' there/);
    const { replies } = talk(tree, { id: 1, op: 'bind', address: ISM.address, force: true });
    assert.match(failureOf(replies[0]).message, /modprobe ism-vfio-pci/);
    untouched();
  });

  for (const [list, line, says] of [
    [
      'modules.dep',
      'kernel/drivers/vfio/pci/ism/ism-vfio-pci.ko.xz: kernel/x.ko',
      /run 'modprobe ism-vfio-pci' there and try again$/,
    ],
    [
      'modules.dep',
      'kernel/drivers/vfio/pci/ism/ism_vfio_pci.ko:',
      /run 'modprobe ism-vfio-pci' there and try again$/,
    ],
    [
      'modules.dep',
      'extra/not-ism-vfio-pci.ko: kernel/ism-vfio-pci.ko',
      /has no module ism-vfio-pci: the module needs Linux 7\.2 or newer with CONFIG_ISM_VFIO_PCI$/,
    ],
    ['modules.dep', 'x.ko: ' + 'y '.repeat(5000) + '/ism-vfio-pci.ko', /has no module ism-vfio-pci/],
    [
      'modules.builtin',
      'kernel/drivers/vfio/pci/ism/ism-vfio-pci.ko',
      /run 'modprobe ism-vfio-pci' there and try again$/,
    ],
    [
      'modules.builtin',
      'kernel/x.ko',
      /modprobe ism-vfio-pci' there and try again \(it needs Linux 7\.2 or newer/,
    ],
  ] as const)
    it(`says whether the kernel has the module: ${list}, ${line.slice(0, 50)}`, () => {
      tree = new FixtureTree([ISM], ['ism']);
      const folder = path.join(tree.modules, release());
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, list), `${line}\n`);
      assert.match(planned(ask([ISM.address]))[0]?.warnings[0]?.message ?? '', says);
    });

  it('reports unknown use, never free', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism' }]);
    const usage = v.parse(
      Usage,
      resultOf(talk(tree, { id: 1, op: 'usage', address: ISM.address }).replies[0]),
    );
    assert.deepEqual([usage.state, usage.smc.state, usage.smc.linkGroups], ['unknown', 'unknown', null]);
    assert.match(usage.smc.why ?? '', /functions of \/sys, but .* another sysfs tree/);
    const [plan] = planned(ask([ISM.address]));
    assert.equal(plan?.gravest, 'force');
    assert.match(plan.warnings[0]?.message ?? '', /bound to ism, and its use is unknown: /);
  });

  it('names the other members of the IOMMU group', () => {
    tree = new FixtureTree([ISM, { address: '0051:00:00.1', iommuGroup: '0', driver: 'ism' }]);
    for (const address of [ISM.address, '0051:00:00.1'])
      mkdirSync(path.join(tree.sysfs, 'kernel/iommu_groups/0/devices', address), { recursive: true });
    const [plan] = planned(ask([ISM.address]));
    assert.deepEqual(
      plan?.warnings.map(({ code, level }) => [code, level]),
      [['group-shared', 'note']],
    );
    assert.match(plan.warnings[0]?.message ?? '', /also has 0051:00:00\.1, which is bound to ism/);
  });

  it('is refused when the function has changed since', () => {
    tree = new FixtureTree([ISM]);
    const [plan] = planned(ask([ISM.address]));
    const bind = { id: 2, op: 'bind', address: ISM.address, plan: plan?.plan };
    // Another driver, and the same function with an override of somebody else.
    const elsewhere = failureOf(talk(tree, { ...bind, driver: 'ism' }).replies[0]);
    assert.equal(elsewhere.code, 'plan-stale');
    untouched();
    writeFileSync(path.join(tree.of(ISM.address), 'driver_override'), 'vfio-pci\n');
    const stale = failureOf(talk(tree, bind).replies[0]);
    assert.equal(stale.code, 'plan-stale');
    assert.match(stale.message, /has changed since the plan was made .*; nothing was written/);
    assert.equal(override(ISM.address), 'vfio-pci\n');
  });

  it('is carried out when nothing has changed, and rolled back when the driver does not bind', () => {
    tree = new FixtureTree([ISM]);
    const [plan] = planned(ask([ISM.address]));
    const failure = failureOf(
      talk(tree, { id: 2, op: 'bind', address: ISM.address, plan: plan?.plan }).replies[0],
    );
    assert.match(failure.message, /did not bind .*; the former driver was restored$/);
    assert.match(override(ISM.address), /^\n/);
  });

  it('names the process with the open vfio file, and refuses even with force', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'vfio-pci' }]);
    const node = path.join(tree.dev, 'vfio/0');
    writeFileSync(node, '');
    const fd = openSync(node, 'r+');
    try {
      const { vfio } = v.parse(
        Usage,
        resultOf(talk(tree, { id: 1, op: 'usage', address: ISM.address }).replies[0]),
      );
      const comm = readFileSync('/proc/self/comm', 'utf8').trim();
      assert.deepEqual(vfio.holders, [{ pid: process.pid, comm, here: false }]);
      const force = { id: 1, op: 'bind', address: ISM.address, force: true };
      const failure = failureOf(talk(tree, force).replies[0]);
      assert.equal(failure.code, 'EBUSY');
      assert.ok(failure.message.includes(`(pid ${process.pid})`), failure.message);
      assert.equal(override(ISM.address), '(null)\n');
    } finally {
      closeSync(fd);
    }
    const after = talk(tree, { id: 1, op: 'usage', address: ISM.address });
    assert.equal(v.parse(Usage, resultOf(after.replies[0])).vfio.state, 'free');
  });

  const bad: [string, unknown][] = [
    ['no list', ISM.address],
    ['an empty list', []],
    ['a path', ['../../etc']],
    ['a number', [81]],
    ['too many', Array.from({ length: 65 }, () => ISM.address)],
  ];
  for (const [what, addresses] of bad)
    it(`is refused for ${what}`, () => {
      tree = new FixtureTree([ISM]);
      const { replies } = talk(tree, { id: 1, op: 'plan-bind', addresses }, { id: 2, op: 'list' });
      assert.match(failureOf(replies[0]).message, /'addresses'/);
      resultOf(replies[1]);
    });

  it('refuses a malformed token', () => {
    tree = new FixtureTree([ISM]);
    const { replies } = talk(tree, { id: 1, op: 'bind', address: ISM.address, plan: 7 });
    assert.match(failureOf(replies[0]).message, /'plan' must be the token/);
    untouched();
  });

  it('accepts the drivers that hello offers', () => {
    tree = new FixtureTree([ISM], ['ism_vfio_pci', 'vfio-pci']);
    const { drivers } = v.parse(Hello, resultOf(talk(tree, { id: 1, op: 'hello' }).replies[0]));
    assert.deepEqual(drivers, ['ism_vfio_pci', 'vfio-pci']);
    for (const driver of drivers) assert.equal(planned(ask([ISM.address], driver))[0]?.gravest, 'note');
  });

  it('refuses to watch another tree than the host', () => {
    tree = new FixtureTree([ISM]);
    const { replies } = talk(tree, { id: 1, op: 'watch' }, { id: 2, op: 'unwatch' });
    assert.match(failureOf(replies[0]).message, /events of \/sys, .* refresh the list instead/);
    assert.equal(v.parse(Watching, resultOf(replies[1])).watching, false);
  });
});

describe('a plan to restore', () => {
  let tree: FixtureTree;
  afterEach(() => tree.remove());

  const NOTHING = { driver: null, driverOverride: null };
  const ask = (...functions: object[]): object => ({ id: 1, op: 'plan-restore', functions });
  const planned = (...functions: object[]): PlannedBind[] =>
    v.parse(BindPlan, resultOf(talk(tree, ask(...functions)).replies[0])).plans;
  const at = (address: string, leaf: string): string => path.join(tree.of(address), leaf);
  const override = (address: string): string => tree.read(`bus/pci/devices/${address}/driver_override`);

  it('lists the writes for each former state in order, and writes nothing', () => {
    const bound = { driver: 'ism_vfio_pci', attributes: { driver_override: 'ism_vfio_pci' } };
    tree = new FixtureTree([
      { ...ISM, ...bound },
      { ...OTHER, ...bound },
    ]);
    const [first, second] = planned(
      { address: ISM.address, former: { driver: 'ism', driverOverride: null } },
      { address: OTHER.address },
    );
    assert.deepEqual([first?.driver, second?.driver], ['ism', null]);
    assert.deepEqual([first?.gravest, second?.gravest], ['note', 'note']);
    assert.deepEqual(first?.writes, [
      { path: at(ISM.address, 'driver_override'), value: '' },
      { path: at(ISM.address, 'driver/unbind'), value: ISM.address },
      { path: path.join(tree.sysfs, 'bus/pci/drivers_probe'), value: ISM.address },
    ]);
    assert.deepEqual(second?.writes, [
      { path: at(OTHER.address, 'driver_override'), value: '' },
      { path: at(OTHER.address, 'driver/unbind'), value: OTHER.address },
    ]);
    for (const { address } of [ISM, OTHER]) assert.equal(override(address), 'ism_vfio_pci\n');
    assert.equal(tree.read('bus/pci/drivers/ism_vfio_pci/unbind'), '');
    assert.equal(tree.read('bus/pci/drivers_probe'), '');
  });

  it('refuses while a vfio device is open, and names the process', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'vfio-pci' }]);
    const node = path.join(tree.dev, 'vfio/0');
    writeFileSync(node, '');
    const fd = openSync(node, 'r+');
    try {
      const [plan] = planned({ address: ISM.address });
      assert.equal(plan?.gravest, 'refuse');
      assert.ok(plan.warnings[0]?.message.includes(`(pid ${process.pid})`), plan.warnings[0]?.message);
    } finally {
      closeSync(fd);
    }
  });

  it('leaves a function to a driver that is not a vfio driver', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism' }]);
    const [plan] = planned({ address: ISM.address });
    assert.equal(plan?.gravest, 'refuse');
    assert.deepEqual(
      plan.warnings.map(({ level, code }) => [level, code]),
      [
        ['refuse', 'in-use'],
        ['force', 'in-use'],
      ],
    );
    assert.match(plan.warnings[0]?.message ?? '', /bound to ism, which is not a vfio driver/);
    assert.match(plan.warnings[1]?.message ?? '', /its use is unknown/);
  });

  it('reports a missing former driver before it writes', () => {
    tree = new FixtureTree([{ ...ISM, driver: 'ism_vfio_pci' }], ['ism_vfio_pci']);
    const former = { driver: 'ism', driverOverride: null };
    const [plan] = planned({ address: ISM.address, former });
    assert.equal(plan?.gravest, 'refuse');
    assert.match(plan.warnings[0]?.message ?? '', /driver ism is not loaded on this host/);
    const failure = failureOf(talk(tree, { id: 1, op: 'restore', address: ISM.address, former }).replies[0]);
    assert.equal(failure.code, 'ENOENT');
    assert.equal(tree.read('bus/pci/drivers/ism_vfio_pci/unbind'), '');
  });

  it('has no writes when the former state is present', () => {
    tree = new FixtureTree([ISM]);
    const [plan] = planned({ address: ISM.address, former: NOTHING });
    assert.deepEqual([plan?.writes, plan?.gravest], [[], 'note']);
    assert.match(plan?.warnings[0]?.message ?? '', /is in its former state already/);
  });

  it('is refused when the function has changed since', () => {
    tree = new FixtureTree([{ ...ISM, attributes: { driver_override: 'ism_vfio_pci' } }]);
    const [plan] = planned({ address: ISM.address });
    writeFileSync(at(ISM.address, 'driver_override'), 'mine\n');
    const restore = { id: 2, op: 'restore', address: ISM.address, plan: plan?.plan };
    const stale = failureOf(talk(tree, restore).replies[0]);
    assert.equal(stale.code, 'plan-stale');
    assert.equal(override(ISM.address), 'mine\n');
    const [again] = planned({ address: ISM.address });
    resultOf(talk(tree, { ...restore, plan: again?.plan }).replies[0]);
    assert.match(override(ISM.address), /^\n/);
  });

  const bad: [string, unknown, RegExp][] = [
    ['no list', ISM.address, /'functions'/],
    ['an empty list', [], /'functions'/],
    ['too many', Array.from({ length: 65 }, () => ({ address: ISM.address })), /'functions'/],
    ['an address alone', [ISM.address], /'address'/],
    ['a path as a driver', [{ address: ISM.address, former: { driver: '../x' } }], /'driver'/],
  ];
  for (const [what, functions, message] of bad)
    it(`is refused for ${what}`, () => {
      tree = new FixtureTree([ISM]);
      const { replies } = talk(tree, { id: 1, op: 'plan-restore', functions }, { id: 2, op: 'list' });
      assert.match(failureOf(replies[0]).message, message);
      resultOf(replies[1]);
    });
});
