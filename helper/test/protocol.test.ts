/** The helper refuses what is out of the bounds of protocol/helperDescription.ts, field by field. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Operation, Operations } from '../../protocol/helper';
import {
  operations,
  scriptSteps,
  type Field,
  type Fields,
  type OperationDescription,
} from '../../protocol/helperDescription';
import type { ScriptStep } from '../../protocol/runOperations';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';
import { FixtureTree } from './fixtureTree';
import { ProbeHelper } from './probeHelper';
import { failureOf, program } from './spawnHelper';

/** Requests that are right as far as their fields go. */
const valid: { readonly [O in Operation]: Operations[O]['params'] } = {
  hello: {},
  ping: { silence: 0 },
  list: {},
  describe: { address: '0051:00:00.0' },
  usage: { address: '0051:00:00.0' },
  'plan-bind': { addresses: ['0051:00:00.0'] },
  bind: { address: '0051:00:00.0', driver: 'vfio-pci', plan: '0'.repeat(16) },
  'plan-restore': { functions: [{ address: '0051:00:00.0' }] },
  restore: { address: '0051:00:00.0', plan: '0'.repeat(16) },
  watch: {},
  unwatch: {},
  open: { address: '0051:00:00.0' },
  close: { handle: 0 },
  regions: { handle: 0 },
  read: { handle: 0, region: 0, offset: '0x0', length: 4 },
  store: { handle: 0, region: 0, offset: '0x0', data: '00' },
  burst: { handle: 0, region: 0, offset: '0x0', data: '00', count: 1 },
  'script-load': { first: 0, steps: [] },
  'script-run': { handle: 0, steps: 1 },
  gid: { handle: 0 },
  'dmb-register': { handle: 0, size: 4096, user: '0x1' },
  'dmb-unregister': { dmb: 0 },
  'dmb-read': { dmb: 0, offset: 0, length: 4 },
  'dmb-store': { dmb: 0, handle: 0, offset: '0x0', data: '00', waitMs: 0 },
  stop: { request: 1 },
  module: { name: 'ism_vfio_pci' },
  'module-remove': { name: 'ism_vfio_pci' },
  'module-data': { first: 0, data: '' },
  'module-insert': { name: 'ism_vfio_pci', sha256: '0'.repeat(64) },
  'kernel-log': {},
};

const validSteps: { readonly [D in ScriptStep['do']]: Omit<Extract<ScriptStep, { do: D }>, 'do'> } = {
  store: { region: 0, offset: '0x0', data: '00' },
  burst: { region: 0, offset: '0x0', data: '00', count: 1 },
  read: { region: 0, offset: '0x0', length: 4 },
  expect: { data: '00', mask: 'ff' },
  sleep: { ns: 0 },
  repeat: { count: 1 },
  end: {},
};

/** Values just outside of what a field takes. */
function wrongValues(field: Field): readonly unknown[] {
  switch (field.form) {
    case 'number':
      return [
        ...[field.min - 1, field.min + 0.5, String(field.min), null],
        ...(field.max === undefined ? [] : [field.max + 1]),
      ];
    case 'hex64':
      return ['0x', '12', `0x${'1'.repeat(17)}`, '0xg', 5];
    case 'data':
      return ['0', 'zz', '00'.repeat(field.maxBytes + 1), 5];
    case 'boolean':
      return ['true', 1, null];
    case 'text':
      return [5, true];
    case 'list':
      return [5, {}, ...(field.min ? [[]] : []), ...(field.max ? [Array(field.max + 1).fill('x')] : [])];
    case 'object':
      return [5, []];
  }
}

/** The greatest and the least value that a field of numbers takes. */
const ends = (field: Field): readonly number[] =>
  field.form === 'number' ? [field.min, ...(field.max === undefined ? [] : [field.max])] : [];

const entries = Object.entries(operations) as [Operation, OperationDescription][];
const fieldsOf = (fields: Fields): [string, Field][] => Object.entries(fields);

describe('a helper with a function', function () {
  this.timeout(180_000);
  let helper: ProbeHelper;
  let tree: FixtureTree;
  let folder: string;
  let id = 0;

  /** What the helper says to a request. */
  async function answer(op: string, fields: object): Promise<ReturnType<typeof failureOf> | undefined> {
    helper.say({ id: ++id, op, ...fields });
    const reply = await helper.next();
    return 'error' in reply ? failureOf(reply) : undefined;
  }

  async function refuses(op: string, fields: object, name: string): Promise<void> {
    const failure = await answer(op, fields);
    const sent = `${op} ${JSON.stringify(fields).slice(0, 200)}`;
    assert.ok(failure, `${sent} was carried out`);
    assert.equal(failure.code, 'EINVAL', `${sent}: ${failure.message}`);
    assert.ok(failure.message.includes(`'${name}'`), `${sent}: ${failure.message}`);
  }

  /** Each field of a request, with the values that it must not take, and missing where it may not be. */
  async function attack(
    op: string,
    right: object,
    fields: Fields,
    whole: (one: object) => object,
  ): Promise<void> {
    for (const [name, field] of fieldsOf(fields)) {
      for (const value of wrongValues(field)) {
        const exclusive = name === 'size' || name === 'seed' ? { data: undefined, size: 1, seed: '0x0' } : {};
        await refuses(op, whole({ ...right, ...(op === 'burst' ? exclusive : {}), [name]: value }), name);
      }
      if (!field.optional) await refuses(op, whole({ ...right, [name]: undefined }), name);
      for (const value of ends(field)) {
        const failure = await answer(op, whole({ ...right, [name]: value }));
        assert.doesNotMatch(
          failure?.message ?? '',
          new RegExp(`'${name}' must be a whole number`),
          `${op} ${value}`,
        );
      }
    }
  }

  const withAddress = entries.filter(([, { fields }]) => 'address' in fields || 'addresses' in fields);
  const elsewhere = entries.filter((entry) => !withAddress.includes(entry));

  describe('of a fixture tree', () => {
    before(() => {
      tree = new FixtureTree([{ address: '0051:00:00.0' }]);
      helper = new ProbeHelper(program, tree.args);
    });

    after(async () => {
      await helper.end();
      tree.remove();
    });

    for (const [op, { fields }] of [...withAddress, ...entries.filter(([name]) => name === 'plan-restore')])
      it(`refuses fields of ${op} that are out of bounds, and takes those at the bounds`, () =>
        attack(op, valid[op], fields, (one) => one));
  });

  describe('that is a file', () => {
    before(async function () {
      folder = mkdtempSync(path.join(os.tmpdir(), 'ism-protocol-'));
      const file = path.join(folder, 'device');
      writeFileSync(file, Buffer.alloc(8192));
      helper = new ProbeHelper(await buildHelperProbe(openSetup(), process.cwd(), 'dmbProbe'), [file]);
    });

    after(async () => {
      await helper.end();
      rmSync(folder, { recursive: true });
    });

    const last = ['dmb-register', 'dmb-unregister', 'close'];
    const order = [
      ...elsewhere.filter(([op]) => !last.includes(op)),
      ...last.flatMap((name) => elsewhere.filter(([op]) => op === name)),
    ];
    for (const [op, { fields }] of order.filter(([name]) => name !== 'plan-restore'))
      it(`refuses fields of ${op} that are out of bounds, and takes those at the bounds`, () =>
        attack(op, valid[op], fields, (one) => one));

    for (const [name, { fields }] of Object.entries(scriptSteps))
      it(`refuses fields of the step ${name} that are out of bounds, and takes those at the bounds`, () =>
        attack('script-load', validSteps[name as ScriptStep['do']], fields, (one) => ({
          first: 0,
          steps: [{ do: name, ...one }],
        })));
  });
});
