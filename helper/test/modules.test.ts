/** Modules and the kernel's log as the native helper reads them of a fixture tree; what changes a kernel is refused there. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { KernelLog, MODULE_PIECE, ModuleState } from '../../protocol/moduleOperations';
import { FixtureTree } from './fixtureTree';
import { failureOf, resultOf, talk } from './spawnHelper';

const ADDRESS = '0051:00:00.0';
const NAME = 'ism_vfio_pci';

describe("the helper's module operations", () => {
  let tree: FixtureTree;
  beforeEach(() => (tree = new FixtureTree([{ address: ADDRESS, driver: NAME }])));
  afterEach(() => tree.remove());

  const moduleFile = (name: string, text?: string): void => {
    const file = path.join(tree.sysfs, 'module', NAME, name);
    mkdirSync(text === undefined ? file : path.dirname(file), { recursive: true });
    if (text !== undefined) writeFileSync(file, `${text}\n`);
  };
  const ask = (...requests: object[]) =>
    talk(tree, ...requests.map((request, id) => ({ id, ...request }))).replies;
  const log = (...lines: string[]): void =>
    writeFileSync(path.join(tree.dev, 'kmsg'), lines.map((line) => `${line}\n`).join(''));
  const readLog = (from?: number): KernelLog =>
    v.parse(KernelLog, resultOf(ask({ op: 'kernel-log', ...(from === undefined ? {} : { from }) })[0]));

  it('report state, references, holders, drivers and bound functions', () => {
    moduleFile('initstate', 'live');
    moduleFile('refcnt', '2');
    moduleFile('holders/kvm', '');
    moduleFile('drivers');
    symlinkSync('x', path.join(tree.sysfs, 'module', NAME, 'drivers', `pci:${NAME}`));
    symlinkSync('x', path.join(tree.sysfs, 'bus/pci/drivers', NAME, ADDRESS));
    const state = v.parse(ModuleState, resultOf(ask({ op: 'module', name: NAME })[0]));
    assert.deepEqual(state, {
      ...{ name: NAME, loaded: true, builtIn: false, state: 'live', references: 2, holders: ['kvm'] },
      drivers: [{ name: NAME, functions: [ADDRESS] }],
    });
  });

  it('distinguish built-in and absent modules', () => {
    moduleFile('parameters');
    const [here, none] = ask({ op: 'module', name: NAME }, { op: 'module', name: 'none' });
    const state = (reply: typeof here) => v.parse(ModuleState, resultOf(reply));
    assert.deepEqual([state(here).loaded, state(here).builtIn], [false, true]);
    assert.deepEqual([state(none).loaded, state(none).builtIn], [false, false]);
  });

  for (const name of ['../x', '', 'a-b', 'x'.repeat(56), 'a\nb', 7])
    it(`refuse ${JSON.stringify(name)} as the name of a module`, () =>
      assert.match(failureOf(ask({ op: 'module', name })[0]).message, /'name'/));

  it('load and remove nothing for a fixture tree', () => {
    const replies = ask(
      { op: 'module-remove', name: NAME },
      { op: 'module-data', first: 0, data: '00' },
      { op: 'module-insert', name: NAME, sha256: createHash('sha256').update('\0').digest('hex') },
    );
    assert.equal(failureOf(replies[0]).code, 'ENOTSUP');
    assert.equal(failureOf(replies[2]).code, 'ENOTSUP');
  });

  it('receive a module in pieces, in order and up to a limit', () => {
    const piece = '5a'.repeat(MODULE_PIECE);
    const [one, two, gap, again, long] = ask(
      { op: 'module-data', first: 0, data: piece },
      { op: 'module-data', first: MODULE_PIECE, data: piece },
      { op: 'module-data', first: 1, data: '00' },
      { op: 'module-data', first: 0, data: '00' },
      { op: 'module-data', first: 1, data: `${piece}00` },
    );
    assert.deepEqual(resultOf(one), { received: MODULE_PIECE });
    assert.deepEqual(resultOf(two), { received: 2 * MODULE_PIECE });
    assert.match(failureOf(gap).message, /60000 bytes of the module have arrived/);
    assert.deepEqual(resultOf(again), { received: 1 });
    assert.equal(failureOf(long).code, 'EINVAL');
  });

  it("reads the kernel's records from a number on, not those of programs", () => {
    log(
      '6,10,1000,-;before',
      '4,11,2000,-;a warning',
      ' SUBSYSTEM=pci',
      '12,12,3000,-;forged by a program',
      '3,13,4000,-,caller=T1;with \\x0a, "quotes" and \u00e9',
    );
    const { records, next, more, lost } = readLog(11);
    assert.deepEqual(records, [
      [11, 2000, 4, 'a warning'],
      [13, 4000, 3, 'with \\x0a, "quotes" and ??'],
    ]);
    assert.deepEqual([next, more, lost], [14, false, 0]);
    assert.deepEqual(readLog(), { records: [], next: 14, more: false, lost: 0 });
    assert.equal(readLog(4).lost, 6);
    assert.deepEqual(readLog(14), { records: [], next: 14, more: false, lost: 0 });
  });

  it('return a long log in parts that fit in a line, without loss', () => {
    const count = 3000;
    log(...Array.from({ length: count }, (_, i) => `6,${i},${i},-;${'\\"'.repeat(i % 600)}`));
    const seen: number[] = [];
    let from = 0;
    for (let more = true; more;) {
      const part = readLog(from);
      seen.push(...part.records.map(([sequence]) => sequence));
      ({ next: from, more } = part);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i),
    );
  });

  it('skip lines that are not records', () => {
    log('', ';', 'x,y,z;', '6,1', `6,1,1,-;${'a'.repeat(20_000)}`, '6,2,2,-;b');
    assert.equal(readLog(0).next <= 3, true);
  });

  it('report a missing log', () =>
    assert.equal(failureOf(ask({ op: 'kernel-log', from: 0 })[0]).code, 'ENOENT'));
});
