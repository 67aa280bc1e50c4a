/** Nothing is lost when the window is reloaded in the middle of something: the journal is complete, the function usable. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Stage } from '../stage';
import type { StoreRecord } from '../../client/journal/journal';
import { Guest } from '../../lab/machine/guestPrograms';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

/** How long a store takes that a reload comes into. */
const SLOW_MS = 4000;

/** Needs a connected host with a bound function; leaves it so, with nothing open. */
export async function reloadJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const journal = (): StoreRecord[] =>
    readFileSync(stage.journal, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as StoreRecord);
  const fault = (kind: 'eio' | 'slow', milliseconds: number): Promise<unknown> =>
    lab.ask({ op: 'fault', name: lab.functions[0]?.name ?? '', fault: { kind, count: 1, milliseconds } });
  const store = async (offset: string): Promise<void> => {
    await ui.command('ISM: Test Store');
    await ui.choose('BAR0');
    await ui.fillInput('Offset', offset);
    await ui.submitInput();
    await ui.fillInput(`BAR0 ${offset}`, 'counter:16');
    await ui.submitInput();
    await ui.answerDialog('Store 16 bytes to BAR0', 'Store 16 Bytes');
  };
  const connectAgain = async (): Promise<void> => {
    await ui.row(lab.alias).waitFor();
    await ui.command('ISM: Connect');
    await ui.row(lab.bdf).waitFor();
  };
  /** The whole host stands still, so that what was asked of it is on its way for as long as we like. */
  const whileItStandsStill = async (run: () => Promise<void>): Promise<void> => {
    const pid = lab.guests[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      await run();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  };
  const noErrors = async (): Promise<void> =>
    assert.equal(await ui.page.locator('.notification-toast .codicon-error').count(), 0);

  await step('a store that the device refuses is journalled as failed', async () => {
    await fault('eio', 0);
    await store('0x7000');
    await ui.notification('failed: EIO').waitFor();
    assert.equal(journal().at(-1)?.outcome, 'failed');
    await ui.clearNotifications();
  });

  await step(
    'a reload in the middle of a store: it was sent once, and the journal says unknown',
    async () => {
      const before = { journal: journal().length, device: lab.readStores().length };
      await fault('slow', SLOW_MS);
      await store('0x8000');
      await lab.waitForStore(({ offset }) => offset === '0x8000');
      await ui.reload();
      // The window that ended wrote it with its last breath; one that is killed leaves a note, which the next one reads.
      await ui.row(/BAR0 0x8000.*unknown/).waitFor();
      await ui.screenshot('50-unknown-after-reload');
      const records = journal();
      assert.equal(records.length, before.journal + 1);
      assert.equal(records.at(-1)?.offset, '0x8000');
      assert.equal(records.at(-1)?.outcome, 'unknown');
      await ui.clearNotifications();
      await connectAgain();
      // As long as the store lasts the kernel keeps the device for the helper that sent it.
      await ui.page.waitForTimeout(SLOW_MS);
      await store('0x8010');
      await ui.notification('Stored 16 bytes to BAR0').waitFor();
      assert.equal(lab.readStores().length, before.device + 2);
      assert.equal(journal().length, before.journal + 2);
      await noErrors();
      await ui.clearNotifications();
    },
  );

  await step('a reload in the middle of a region audit: the function can be audited again', async () => {
    await ui.command('ISM: Close Device');
    await ui.row(/vfio ready/).waitFor();
    await whileItStandsStill(async () => {
      await ui.command('ISM: Audit Regions');
      await ui.page.waitForTimeout(300);
      await ui.reload();
    });
    await connectAgain();
    await ui.row(/vfio ready/).waitFor();
    await ui.command('ISM: Audit Regions');
    await ui.page.locator('.tab.active').filter({ hasText: 'Regions' }).waitFor();
    await noErrors();
  });

  await step('a reload in the middle of a bind: what was there is known, and comes back', async () => {
    const override = `/sys/bus/pci/devices/${lab.bdf}/driver_override`;
    const guest = await Guest.login(lab);
    try {
      await ui.command('ISM: Restore Driver');
      await ui.answerDialog(`Restore ${lab.bdf}`, 'Restore');
      await ui.row(/no driver · not bound to vfio/).waitFor();
      await ui.clearNotifications();
      // Something that only who has seen it can bring back.
      await guest.run(`echo kept_for_later > ${override}`);
      await ui.command('ISM: Bind to ism-vfio-pci');
      await ui.dialog(`Bind ${lab.bdf}`).waitFor();
      await whileItStandsStill(async () => {
        await ui.answerDialog(`Bind ${lab.bdf}`, 'Bind');
        await ui.page.waitForTimeout(500);
        await ui.reload();
      });
      await connectAgain();
      await ui.row(/vfio ready/).waitFor(); // the request was on its way
      await ui.command('ISM: Restore Driver');
      await ui.answerDialog(`Restore ${lab.bdf}`, 'Restore');
      await ui.notification(/Restored .* to no driver/).waitFor();
      assert.equal(await guest.run(`cat ${override}`), 'kept_for_later');
      await guest.run(`echo > ${override}`);
      await noErrors();
      await ui.clearNotifications();
      await ui.command('ISM: Bind to ism-vfio-pci');
      await ui.answerDialog(`Bind ${lab.bdf}`, 'Bind');
      await ui.row(/vfio ready/).waitFor();
      await ui.clearNotifications();
    } finally {
      guest.leave();
    }
  });
}
