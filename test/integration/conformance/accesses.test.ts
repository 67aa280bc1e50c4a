/** What the kernel answers to each access, and what the device sees of it. */
import assert from 'node:assert/strict';
import { startLab, type Lab, type StoreRecord } from '../../../lab/machine/api';
import { labModes } from '../../../lab/machine/machine';
import { openSetup } from '../../../setup/context';
import type { Guest } from '../../../lab/machine/guestPrograms';
import { accesses, expected, pattern, type Access } from './accesses';
import { guestWithShell, Shell } from './shell';

/** `npm run lab -- selftest` sets it: a mode, or all. */
const asked = process.env['ISM_CONFORMANCE'];
const modes = labModes.filter((mode) => (asked ? asked === 'all' || asked === mode : mode === 'whole'));

/** In stock mode reading ends the store that the device is still joining. */
const flush = 'read 2 0xff8 8';

function command({ kind, region, offset, length }: Access, seed: number): string {
  return `${kind} ${region} 0x${offset.toString(16)} ${length}${kind === 'write' ? ` ${seed}` : ''}`;
}

for (const mode of modes)
  describe(`accesses in ${mode} mode`, () => {
    const setup = openSetup();
    const list = accesses(!asked);
    let lab: Lab;
    let guest: Guest;
    let shell: Shell;
    let answers: string[];
    let stores: StoreRecord[];

    before(async () => {
      lab = await startLab({ setup, mode });
      guest = await guestWithShell(setup, lab);
      const [first] = lab.functions;
      assert.ok(first);
      shell = await Shell.open(guest, first);
      const lines = list.flatMap((access, index) => [command(access, index), flush]);
      answers = (await shell.talk.askAll(lines)).filter((_, index) => index % 2 === 0);
      stores = lab.readStores();
    });
    after(async () => {
      guest?.leave();
      await lab?.stop();
    });

    it('takes the character device exactly where the kernel has it', () => {
      assert.equal(shell.api, lab.kernel === 'debian' ? 'group' : 'cdev');
    });

    it('describes the regions', async () => {
      const indexes = Array.from({ length: 11 }, (_, index) => index);
      const regions = await shell.talk.askAll(indexes.map((index) => `info ${index}`));
      const at = (index: number): string => `0x${(BigInt(index) << 48n).toString(16)}`;
      assert.deepEqual(regions, [
        '3 0x1000000000000 0x0',
        `0 0x0 ${at(1)}`,
        `3 0x1000 ${at(2)}`,
        `0 0x0 ${at(3)}`,
        `3 0x1000 ${at(4)}`,
        `0 0x0 ${at(5)}`,
        'EINVAL',
        `3 0x100 ${at(7)}`,
        ...['EINVAL', 'EINVAL', 'EINVAL'],
      ]);
    });

    for (const [index, access] of list.entries())
      it(`${command(access, index)} -> ${expected(access, mode)}`, () => {
        const answer = answers[index] ?? '';
        // A read answers with its bytes.
        const got = access.kind === 'read' && /^([0-9a-f]{2})+$/.test(answer) ? answer.length / 2 : answer;
        assert.equal(String(got), expected(access, mode));
      });

    it('brings each store that succeeded to the device once, whole and in order', () => {
      const wanted = list.flatMap((access, index) => {
        const count = Number(expected(access, mode));
        return access.kind === 'write' && count > 0
          ? [
              {
                region: access.region,
                offset: `0x${access.offset.toString(16)}`,
                length: count,
                bytes: pattern(access.length, index).subarray(0, count).toString('hex'),
              },
            ]
          : [];
      });
      const seen = stores.map(({ region, offset, length, bytes }) => ({ region, offset, length, bytes }));
      assert.deepEqual(seen, wanted);
    });
  });
