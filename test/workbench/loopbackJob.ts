/**
 * Buffers (DMBs) in the workbench: loopbacks in one guest and between two, a buffer that is watched, and that nothing
 * stays registered when the extension host is killed.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { LabFunction } from '../../lab/machine/api';
import type { BufferInfo } from '../../lab/device/requests';
import type { Stage } from '../../workbench/stage';
import type { StoreRecord } from '../../client/journal/journal';
import type { Step } from '../../workbench/runJob';
import type { WorkbenchPage } from '../../workbench/workbenchPage';

const SIZES = [8, 64, 1024, 4096];

/** Needs two guests with two functions each, none of them connected. */
export async function loopbackJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const [first, second, remote] = lab.functions;
  const [near, far] = lab.guests;
  assert.ok(first && second && remote && near && far);
  const line = (text: RegExp) =>
    ui.page.locator('.editor-instance .view-line').filter({ hasText: text }).first();
  const buffers = async (): Promise<BufferInfo[]> => (await lab.ask({ op: 'buffers' })) as BufferInfo[];
  /** Buffers go first, then the event queue and the signal bits: all of it counts. */
  const nothingRegistered = async (seconds: number): Promise<void> => {
    const registered = async (): Promise<unknown[]> => {
      const functions = (await lab.ask({ op: 'list' })) as { sba: unknown; ieq: unknown }[];
      const left = functions.flatMap(({ sba, ieq }) => [sba, ieq]).filter((each) => each !== null);
      return [...(await buffers()), ...left];
    };
    for (const end = Date.now() + seconds * 1000; ; await ui.page.waitForTimeout(50)) {
      const left = await registered();
      if (left.length === 0) return;
      if (Date.now() > end) assert.fail(JSON.stringify(left));
    }
  };
  const toBuffers = () => lab.readStores().filter(({ buffer }) => buffer && 'owner' in buffer);
  const plan = async (from: LabFunction, to: LabFunction): Promise<void> => {
    await ui.command('ISM: DMB Loopback');
    await ui.choose(from.bdf);
    await ui.page.locator('.quick-input-widget:visible').filter({ hasText: 'that has the buffer' }).waitFor();
    await ui.choose(to.bdf);
    await ui.fillInput('How many bytes to store', SIZES.join(', '));
    await ui.submitInput();
    await ui.fillInput('Offset in the buffer', '4K');
    await ui.submitInput();
    await ui.dialog('Store 4 times from').waitFor();
  };
  /** Runs one and looks at all that it leaves: the document, the device's log and the journal. */
  const loopback = async (from: LabFunction, to: LabFunction, picture: string): Promise<void> => {
    const before = toBuffers().length;
    await plan(from, to);
    const question = (await ui.dialog('Store 4 times from').textContent()) ?? '';
    for (const { bdf, guest } of [from, to])
      assert.ok(question.includes(`${bdf} on ${lab.guests[guest - 1]?.alias ?? ''}`), question);
    await ui.screenshot(`${picture}-confirm`);
    await ui.answerDialog('Store 4 times from', 'Register and Store 4 Times');
    await ui.notification('all 4 stores arrived, each with its interrupt').waitFor();
    for (const [index, size] of SIZES.entries())
      await line(new RegExp(`\\b${size}\\s+ok\\s+equal\\s+index.${index}\\s+[\\d.]+\\s+[\\d.]+`)).waitFor();
    await ui.clearNotifications();
    await ui.screenshot(picture);
    await nothingRegistered(0);
    const seen = toBuffers().slice(before);
    assert.deepEqual(
      seen.map(({ length }) => length),
      SIZES,
    );
    assert.ok(
      seen.every(
        ({ function: name, buffer }) => name === from.name && JSON.stringify(buffer).includes(to.name),
      ),
    );
    const records = readFileSync(stage.journal, 'utf8')
      .trim()
      .split('\n')
      .slice(-4)
      .map((text) => JSON.parse(text) as StoreRecord);
    assert.deepEqual(
      records.map(({ data, outcome }) => [data, outcome]),
      seen.map(({ bytes }) => [bytes, 'ok']),
    );
  };

  await step('two hosts are connected, and four functions bound at once', async () => {
    await ui.openView('ISM');
    for (const { alias } of [far, near]) {
      await ui.inlineAction(alias, 'Connect', ui.dialog('Install the ISM helper'));
      await ui.answerDialog('Install the ISM helper', 'Install');
      await ui
        .row(lab.functions.find(({ guest }) => lab.guests[guest - 1]?.alias === alias)?.bdf ?? '')
        .waitFor();
    }
    await ui.command('ISM: Bind to ism-vfio-pci');
    for (const { bdf } of lab.functions) await ui.choose(bdf);
    await ui.submitInput();
    await ui.answerDialog('Bind 4 functions', 'Bind 4 Functions');
    await ui.notification('Bound 4 of 4 functions.').waitFor();
    await ui.clearNotifications();
  });

  await step('a loopback says what it will do, and Cancel registers and stores nothing', async () => {
    await plan(first, second);
    await ui.answerDialog('Store 4 times from', 'Cancel');
    assert.deepEqual(lab.readStores(), []);
  });

  await step('a loopback in one guest: bytes, interrupts and times on one clock', () =>
    loopback(first, second, '70-loopback-one-guest'),
  );

  await step('a loopback between two guests: the same, by the clock of this window', async () => {
    await loopback(first, remote, '71-loopback-two-guests');
    await line(/Two.hosts.have.no.clock.in.common/).waitFor();
  });

  const watch = async (): Promise<string> => {
    await ui.command('ISM: Watch DMB');
    await ui.page.locator('.quick-input-widget:visible').filter({ hasText: 'that has the buffer' }).waitFor();
    await ui.choose(second.bdf);
    await ui.page.locator('.quick-input-widget:visible').filter({ hasText: 'may store into it' }).waitFor();
    await ui.choose(first.bdf);
    await ui.fillInput('Size of the buffer', '4096');
    await ui.submitInput();
    await ui.answerDialog('Register a buffer of 4096 bytes', 'Register and Watch');
    await line(/No.signal.yet/).waitFor();
    const [buffer] = await buffers();
    assert.equal(buffer?.owner, second.name);
    return buffer.token;
  };
  const store = async (offset: string, data: string): Promise<void> => {
    await ui.command('ISM: Test Store');
    await ui.choose(first.bdf);
    await ui.choose('BAR0');
    await ui.fillInput('Offset', offset);
    await ui.submitInput();
    await ui.fillInput('BAR0 0x', data);
    await ui.submitInput();
    await ui.dialog('to BAR0').waitFor();
    await ui.answerDialog('to BAR0', 'Store');
    await ui.notification(/Stored \d+ bytes/).waitFor();
    await ui.clearNotifications();
  };

  await step('a watched buffer shows what a test store brings, and its interrupt', async () => {
    const token = await watch();
    await store(`token:${token} + 2<<24 + 1<<23 + 0x20`, 'text:what a test store brings');
    await line(/Signals:.1,.interrupts:.1;.*index.2/).waitFor();
    await line(/>.0020\s+77.68.61.74/).waitFor();
    await ui.row(new RegExp(`DMB ${token}`)).waitFor();
    // Without a signal nobody is interrupted, and the bytes show all the same.
    await store(`token:${token} + 0x100`, 'counter:16');
    await line(/>.0100\s+00.01.02.03/).waitFor();
    await line(/Signals:.1,.interrupts:.1/).waitFor();
    await ui.screenshot('72-watched');
  });

  await step('a burst into a watched buffer shows while it runs, and leaves it watched', async () => {
    const [buffer] = await buffers();
    assert.ok(buffer);
    await ui.command('ISM: Burst of Stores');
    await ui.choose(first.bdf);
    await ui.choose('BAR0');
    await ui.fillInput('Offset', `token:${buffer.token} + 3<<24 + 1<<23 + 0x200`);
    await ui.submitInput();
    await ui.fillInput('BAR0 0x', 'counter:64');
    await ui.submitInput();
    await ui.fillInput('How many stores', '1000000');
    await ui.submitInput();
    await ui.fillInput('How far each store', '0');
    await ui.submitInput();
    await ui.answerDialog('Send 1000000 stores', 'Send 1000000 Stores');
    await line(/>.0200\s+00.01.02.03/).waitFor();
    await line(/Signals:.\d{2},.*index.3/).waitFor(); // ten a second at most, so that it is looked at for a while
    await ui.screenshot('72-watched-burst');
    await ui.notification('1000000 stores to BAR0').getByRole('button', { name: 'Cancel' }).click();
    await ui.notification(/Stopped after \d+ of 1000000 stores/).waitFor();
    await ui.clearNotifications();
    await ui.row(new RegExp(`DMB ${buffer.token}`)).waitFor();
    assert.equal((await buffers()).length, 1);
    await ui.command('View: Close Editor'); // the burst's page, above the buffer
    await line(/>.0200\s+00.01.02.03/).waitFor();
  });

  await step('Stop Watching unregisters it, and there is nothing more to stop', async () => {
    await ui.inlineAction(/DMB 0x/, 'Stop Watching DMB', line(/Not.watched.any.more,.and.unregistered/));
    await nothingRegistered(0);
    await ui.row(/DMB 0x/).waitFor({ state: 'detached' });
    const offered = await ui.offeredCommands('ISM: Stop Watching DMB');
    assert.ok(!offered.includes('ISM: Stop Watching DMB'), offered.join());
  });

  await step('when the extension host is killed nothing stays registered', async () => {
    await watch();
    const killed = extensionHosts(stage.codeServer.group);
    assert.ok(killed.length > 0);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await nothingRegistered(10);
  });
}

/** The extension hosts among the processes of a group. */
function extensionHosts(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // pid (comm) state ppid pgrp ...; comm may hold blanks and parentheses.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const pgrp = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
        return (
          pgrp === String(group) &&
          readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=extensionHost')
        );
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}
