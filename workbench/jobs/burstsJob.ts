/** Bursts in the workbench: the question, the page with plot and table, two compared, and one that is stopped. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { FrameLocator } from 'playwright-core';
import type { StoreRecord } from '../../client/journal/journal';
import type { Stage } from '../stage';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

const PLACE = 0x190000000000n;
const STOPPED = '0x1a0000000000';

/** The page that a burst's webview shows: a frame in a frame. */
export const burstFrame = (ui: WorkbenchPage): FrameLocator =>
  ui.page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');

/** Asks for a burst up to the question. */
export async function planBurst(
  ui: WorkbenchPage,
  offset: string,
  count: string,
  step: string,
): Promise<void> {
  await ui.command('ISM: Burst of Stores');
  await ui.choose('BAR0');
  await ui.fillInput('Offset', offset);
  await ui.submitInput();
  await ui.fillInput(`BAR0 ${offset}`, 'counter:64');
  await ui.submitInput();
  await ui.fillInput('How many stores', count);
  await ui.submitInput();
  await ui.fillInput('How far each store', step);
  await ui.submitInput();
}

/** Needs a bound function of the connected host. */
export async function burstsJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const hex = (offset: bigint): string => `0x${offset.toString(16)}`;
  const last = (): StoreRecord =>
    JSON.parse(readFileSync(stage.journal, 'utf8').trim().split('\n').at(-1) ?? '{}') as StoreRecord;

  await step('a burst says what it will send, and Cancel sends nothing', async () => {
    await planBurst(ui, hex(PLACE), '500', '64');
    const question = ui.dialog('Send 500 stores of 64 bytes to BAR0');
    await question.waitFor();
    const text = (await question.textContent()) ?? '';
    assert.ok(
      text.includes(lab.bdf) &&
        text.includes(`Offsets ${hex(PLACE)} to ${hex(PLACE + 499n * 64n)}, 0x40 apart.`) &&
        /cannot be undone/.test(text),
      text,
    );
    await ui.screenshot('40-burst-question');
    await ui.answerDialog('Send 500 stores', 'Cancel');
    assert.ok(!lab.readStores().some(({ offset }) => offset === hex(PLACE)));
  });

  await step('a burst is measured on the host and shown as a plot and a table', async () => {
    await planBurst(ui, hex(PLACE), '500', '64');
    await ui.answerDialog('Send 500 stores', 'Send 500 Stores');
    await ui.notification(/500 stores to BAR0 .* a second\./).waitFor();
    await lab.waitForStore(({ offset }) => offset === hex(PLACE + 499n * 64n));
    const frame = burstFrame(ui);
    await frame.locator('svg[role=img] rect').first().waitFor();
    assert.match((await frame.locator('table').textContent()) ?? '', /500 \/ 500, 0/);
    await ui.clearNotifications();
    await ui.screenshot('41-burst');
    const { planned, sent, outcome } = last();
    assert.deepEqual([planned, sent, outcome], [500, 500, 'ok']);
  });

  await step('two bursts are compared', async () => {
    await planBurst(ui, hex(PLACE), '800', '0');
    await ui.answerDialog('Send 800 stores', 'Send 800 Stores');
    const frame = burstFrame(ui);
    await frame.getByRole('heading', { name: '800 × 64 bytes' }).waitFor();
    await ui.notification(/800 stores to BAR0/).waitFor();
    await ui.page.getByRole('button', { name: 'Compare Bursts' }).click();
    await ui.choose('500 × 64 bytes');
    await frame.getByRole('heading', { name: 'Two bursts compared' }).waitFor();
    await frame.locator('svg[role=img] polyline').waitFor();
    assert.match((await frame.locator('table').textContent()) ?? '', /stores a second.*× \d\.\d{3}/);
    await ui.clearNotifications();
    await ui.screenshot('42-bursts-compared');
  });

  await step('a burst is stopped, and the journal has as many stores as the device saw', async () => {
    await planBurst(ui, STOPPED, '1000000', '0');
    await ui.answerDialog('Send 1000000 stores', 'Send 1000000 Stores');
    await lab.waitForStore(({ offset }) => offset === STOPPED);
    await ui.notification('1000000 stores to BAR0').getByRole('button', { name: 'Cancel' }).click();
    await ui.notification(/Stopped after \d+ of 1000000 stores/).waitFor();
    await ui.page.waitForTimeout(500); // the device's log is written line by line
    assert.equal(last().sent, lab.readStores().filter(({ offset }) => offset === STOPPED).length);
    await ui.clearNotifications();
    await ui.command('View: Close All Editors');
  });
}
