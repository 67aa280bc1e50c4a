/** What can be done to a running lab: a named one, asked as `npm run lab -- ctl` asks it. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { startLab, type Lab } from '../../lab/machine/api';
import { control } from '../../lab/control/commands';
import { serveControl } from '../../lab/control/server';
import { openSetup } from '../../setup/context';
import { Guest } from '../../lab/machine/guestPrograms';

describe('control of a lab', () => {
  const setup = openSetup();
  const name = `test-control-${process.pid}`;
  let lab: Lab;
  let guest: Guest;
  const ctl = (...words: string[]): Promise<string> => control(name, words);

  before(async () => {
    await assert.rejects(ctl('functions'), /No lab named 'test-control-\d+' is running/);
    lab = await startLab({ setup, name });
    await serveControl(lab);
    guest = await Guest.login(lab);
  });
  after(async () => {
    guest?.leave();
    await lab?.stop();
    if (lab) rmSync(lab.folder, { recursive: true });
  });

  it('lists the functions', async () => {
    assert.match(
      await ctl('functions'),
      /^ism0 {2}ism-lab {2}0051:00:00\.0 {2}FID 0x61 {2}GID 0x[0-9a-f]+ {2}owns 0/,
    );
    assert.equal(await ctl('buffers'), 'No buffer is registered.');
    assert.equal(await ctl('stores'), '');
  });

  it('says in one sentence what is wrong with a command', async () => {
    const wrong: [string[], RegExp][] = [
      [['explode'], /^'explode' is no command of ctl; they are functions, /],
      [['toString'], /^'toString' is no command of ctl/],
      [['kill'], /^This command takes 1 arguments, not 0\.$/],
      [['kill', '../x'], /^'\.\.\/x' is no name of a function/],
      [['kill', 'ism7'], /^There is no function ism7; there are ism0/],
      [['dump', 'abc'], /^'abc' is no token/],
      [['dump', '0x100000000'], /^There is no buffer 0x100000000\.$/],
      [['fault', 'ism0', 'fire'], /^'fire' is no fault; they are eio, busy, slow and none\.$/],
      [['fault', 'ism0', 'eio', '-1'], /^How often is a number from 1 to 1000000, not '-1'\.$/],
      [['network', '1', 'sideways'], /^A network is up or down, not 'sideways'\.$/],
      [['network', '9', 'up'], /^The guest is a number from 1 to 8, not '9'\.$/],
      [['network', '2', 'up'], /^There is no guest 2; this lab has 1\.$/],
      [['stores', '1e9'], /^The number of stores is a number/],
    ];
    for (const [words, message] of wrong)
      await assert.rejects(ctl(...words), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
  });

  it('plugs in one more function, which looks like the first', async () => {
    assert.equal(await ctl('add'), 'ism1 is 0052:00:00.0 in guest 1.');
    const device = '/sys/bus/pci/devices/0052:00:00.0';
    // The guest takes it up when it has handled the event.
    await guest.run(`until [ -e ${device}/pchid ]; do sleep 0.1; done`);
    assert.equal(await guest.run(`cat ${device}/pchid ${device}/pft`), '0x07c0\n0x05');
    assert.match(await ctl('functions'), /\nism1 {2}ism-lab {2}0052:00:00\.0/);
  });

  it('breaks a function, which then reads as all ones', async () => {
    await ctl('kill', 'ism1');
    assert.match(await ctl('functions'), /ism1 .* gone/);
    assert.equal(await guest.run('echo still here'), 'still here');
    // Linux keeps vendor and device in memory; configuration space itself is asked anew.
    const config = await guest.run(
      'dd if=/sys/bus/pci/devices/0052:00:00.0/config bs=4 count=1 2>/dev/null | od -t x4 -An',
    );
    assert.equal(config.trim(), 'ffffffff');
  });

  it('reboots the guest, whose functions are new then', async () => {
    await guest.run('touch /tmp/from-before');
    guest.leave();
    await ctl('reboot');
    guest = await Guest.login(lab);
    assert.equal(await guest.run('[ -e /tmp/from-before ] || echo gone'), 'gone');
    assert.equal(await guest.run('ls /sys/bus/pci/devices | head -n 1'), '0051:00:00.0');
  });

  it('cuts the guest off and joins it again', async () => {
    await ctl('network', '1', 'down');
    const command = guest.run('echo after all');
    await ctl('network', '1', 'up');
    assert.equal(await command, 'after all');
  });
});
