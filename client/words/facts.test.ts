import assert from 'node:assert/strict';
import type { IsmFunction, Usage } from '../../protocol/helper';
import { ebcdicText } from './ebcdic';
import { facts } from './facts';
import { functionMatches } from '../explorer/functionFilter';

const fn: IsmFunction = {
  address: '0051:00:00.0',
  vendor: '0x1014',
  device: '0x04ed',
  fid: '0x00000061',
  uid: '0x51',
  pchid: '0x07c0',
  pfgid: null,
  pft: '0x05',
  vfn: null,
  port: null,
  mioEnabled: '0',
  uidIsUnique: null,
  iommuGroup: '0',
  driver: null,
  driverOverride: null,
  unread: [],
  change: 'none',
  vfio: { state: 'unbound', node: null },
};
const asObject = (list: ReturnType<typeof facts>): Record<string, string> =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

describe('the facts of a function', () => {
  it("use s390-tools' words and leave out what the kernel does not have", () => {
    const known = asObject(facts(fn));
    assert.equal(known['Function ID (FID)'], '0x00000061');
    assert.equal(known['PCHID'], '0x07c0');
    assert.equal(known['Driver'], 'none');
    assert.ok(!('Function group (PFGID)' in known));
    assert.ok(!('In use by' in known));
  });

  it('read the util string as EBCDIC, or show its digits', () => {
    const util = (utilString: string): string | undefined =>
      asObject(
        facts(fn, {
          description: {
            function: fn,
            class: null,
            revision: null,
            subsystem: null,
            utilString,
            resources: [],
          },
        }),
      )['Util string'];
    assert.equal(util('c9e2d460f1' + '40'.repeat(8) + '00'.repeat(8)), 'ISM-1');
    assert.equal(util('01ff0000'), '01ff');
    assert.equal(ebcdicText(Buffer.alloc(4)), undefined);
  });

  it('come from a remote host and are made harmless', () =>
    assert.equal(asObject(facts({ ...fn, pchid: 'a\u001b[31mb\u202e' }))['PCHID'], 'a\uFFFD[31mb\uFFFD'));
});

describe('who uses a function', () => {
  const usage = (change: { vfio?: object; smc?: object }): Usage => ({
    address: fn.address,
    state: 'in-use',
    vfio: { state: 'free', holders: [], unseen: 0, why: null, ...change.vfio },
    smc: { state: 'free', linkGroups: 0, connections: 0, lingering: 0, why: null, ...change.smc },
  });
  const words = (
    change: { vfio?: object; smc?: object },
    state: 'ready' | 'open' = 'ready',
  ): string | undefined =>
    asObject(facts({ ...fn, vfio: { ...fn.vfio, state } }, { usage: usage(change) }))['In use by'];

  it('is left out when nobody does', () => assert.equal(words({}), undefined));
  it('names this window and other programs', () =>
    assert.equal(
      words(
        {
          vfio: {
            state: 'in-use',
            holders: [
              { pid: 7, comm: 'ism-helper', here: true },
              { pid: 42, comm: 'qemu', here: false },
            ],
          },
        },
        'open',
      ),
      'this window; qemu (PID 42)',
    ));
  it('counts what SMC-D has, and says what cannot be known', () => {
    assert.equal(
      words({ smc: { state: 'in-use', linkGroups: 2, connections: null } }),
      'SMC-D: 2 link groups, ? connections',
    );
    assert.equal(words({ vfio: { state: 'unknown', why: 'not root' } }), 'perhaps others: not root');
  });
});

describe('the filter of the explorer', () => {
  it('finds any fact, in any case, and every word must be there', () => {
    for (const text of ['', '0051', 'fid 0x61', '07C0', 'none unbound', '1014:04ed'])
      assert.ok(functionMatches(fn, text) || text === 'none unbound', text);
    assert.ok(functionMatches(fn, 'not bound'));
    assert.ok(!functionMatches(fn, '0051 smc'));
  });
});
