/** Stores in all their forms and the journal's view, clicked in the workbench; the device's log says what was sent. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from '../stage';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

/** Changes the lab host's entry of `ism.hosts` in the editor of the settings file, as a person does. */
export async function changeHost(
  stage: Stage,
  ui: WorkbenchPage,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = path.join(stage.codeServer.dataFolder, 'User', 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  settings['ism.hosts'] = [{ name: stage.lab.alias, destination: stage.lab.alias, ...change }];
  const text = JSON.stringify(settings, undefined, 2);
  await ui.command('Preferences: Open User Settings (JSON)');
  // The settings open in an editor above the others.
  const above = ui.page.locator('.monaco-modal-editor-block');
  await above.locator('.monaco-editor.focused .view-line').first().waitFor();
  await ui.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  for (let tries = 0; readFileSync(file, 'utf8').trim() !== text; tries++) {
    if (tries > 100) assert.fail(`the settings file was not saved: ${readFileSync(file, 'utf8')}`);
    // Once a second: keys that are pressed before the editor listens are lost.
    if (tries % 20 === 0) for (const key of 'AVS') await ui.page.keyboard.press(`Control+${key}`);
    await ui.page.waitForTimeout(50);
  }
  await ui.escapeFrom(above);
}

/** Needs a bound function and one store in the journal. */
export async function storesJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const plan = async (offset: string, shown: string, data: string): Promise<void> => {
    await ui.command('ISM: Test Store');
    await ui.choose('BAR0');
    await ui.fillInput('Offset', offset);
    await ui.submitInput();
    await ui.fillInput(`BAR0 ${shown}`, data);
  };
  const settled = async (count: number): Promise<void> => {
    await lab.waitForStore(() => lab.readStores().length >= count);
    assert.equal(lab.readStores().length, count);
  };

  await step('an offset that can be read in two ways is refused, and the sentence says where', async () => {
    await ui.command('ISM: Test Store');
    await ui.choose('BAR0');
    await ui.fillInput('Offset', '0x100000000 + 1 << 24');
    await ui
      .inputMessage()
      .filter({ hasText: "'+' at column 13 beside '<<' at column 17 can be read in two ways" })
      .waitFor();
    await ui.screenshot('20-offset-two-ways');
    await ui.fillInput('Test Store: BAR0', 'token:0x100000000 + 1<<24 + 0x44');
    await ui.inputMessage().filter({ hasText: '= 0x101000044' }).waitFor();
    await ui.escape();
  });

  await step(
    'integers to a DMB token: the bytes are previewed, alignment warns, the device gets them',
    async () => {
      await plan('token:0x100000000 + 1<<24 + 0x40', '0x101000040', 'u32be:1, 2, 0xdeadbeef, 4');
      await ui.inputMessage().filter({ hasText: '16 bytes: 00 00 00 01 00 00 00 02 de ad be ef' }).waitFor();
      await ui.screenshot('21-data-preview');
      await ui.submitInput();
      await ui.answerDialog('Store 16 bytes to BAR0', 'Store 16 Bytes');
      await ui.notification('Stored 16 bytes to BAR0').waitFor();
      await settled(2);
      const store = lab.readStores().at(-1);
      assert.equal(store?.offset, '0x101000040');
      assert.equal(store.bytes, '0000000100000002deadbeef00000004');
      await ui.clearNotifications();
    },
  );

  await step('a file of the workspace is stored as it is', async () => {
    writeFileSync(path.join(stage.workspace, 'block.bin'), Buffer.alloc(32, 'ISM!'));
    await plan('4K + 2*64', '0x1080', 'file:missing.bin');
    await ui
      .inputMessage()
      .filter({ hasText: 'missing.bin cannot be read (ENOENT); check the path.' })
      .waitFor();
    await ui.fillInput('BAR0 0x1080', 'file:block.bin');
    await ui.inputMessage().filter({ hasText: '32 bytes: 49 53 4d 21' }).waitFor();
    await ui.submitInput();
    await ui.answerDialog('Store 32 bytes to BAR0', 'Store 32 Bytes');
    await settled(3);
    assert.equal(lab.readStores().at(-1)?.bytes, '49534d21'.repeat(8));
    await ui.clearNotifications();
  });

  await step('the journal view shows the stores, newest first, and filters them', async () => {
    await ui.command('ISM: Focus on Store Journal View');
    const rows = ui.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: /BAR0 0x/ });
    await ui.row(/BAR0 0x1080 \+32/).waitFor();
    assert.equal(await rows.count(), 3);
    assert.match((await rows.first().textContent()) ?? '', /0x1080 \+32ok/);
    await ui.screenshot('22-journal');
    await ui.command('ISM: Filter Store Journal');
    await ui.fillInput('Filter Store Journal', 'deadbeef');
    await ui.submitInput();
    await ui.row(/BAR0 0x1080/).waitFor({ state: 'detached' });
    assert.equal(await rows.count(), 1);
  });

  await step('repeating a store asks again, and Cancel sends nothing', async () => {
    const question = ui.dialog('Store 16 bytes to BAR0');
    await ui.inlineAction(/BAR0 0x101000040/, 'Repeat Store', question);
    await ui.screenshot('23-repeat');
    await ui.answerDialog('Store 16 bytes to BAR0', 'Cancel');
    assert.equal(lab.readStores().length, 3);
    await ui.inlineAction(/BAR0 0x101000040/, 'Repeat Store', question);
    await ui.answerDialog('Store 16 bytes to BAR0', 'Store 16 Bytes');
    await settled(4);
    assert.deepEqual(
      { ...lab.readStores()[3], time: 0, sequence: 0 },
      { ...lab.readStores()[1], time: 0, sequence: 0 },
    );
    await ui.clearNotifications();
  });

  await step('a store is copied as C that asks the driver where the region is', async () => {
    await ui.inlineCopy(/BAR0 0x101000040/, 'Copy Store as C');
    await ui.pasteIntoNewEditor(/pwrite\(device,.data/);
    await ui.screenshot('24-copied-c');
    await ui.command('View: Revert and Close Editor');
  });

  await step('what the filter leaves is exported as CSV', async () => {
    const file = path.join(stage.workspace, 'ism-stores.csv'); // what the dialog proposes
    await ui.command('ISM: Export Store Journal');
    await ui.choose('CSV');
    await ui.saveAs(/Export 2 Stores/, file);
    await ui.notification('Exported 2 stores').waitFor();
    const lines = readFileSync(file, 'utf8').trim().split('\r\n');
    assert.equal(lines.length, 3);
    assert.ok(lines.slice(1).every((line) => line.includes('deadbeef') && line.includes(',ok,')));
    await ui.command('ISM: Clear Filter of Store Journal');
    await ui.row(/BAR0 0x1080/).waitFor();
    await ui.clearNotifications();
  });

  await step('without confirmation for the lab alone; a production host never goes without', async () => {
    await changeHost(stage, ui, { confirmStores: false });
    await plan('0x2000', '0x2000', 'counter:8');
    await ui.submitInput();
    await ui.notification('Stored 8 bytes to BAR0').waitFor();
    await settled(5);
    assert.equal(lab.readStores().at(-1)?.bytes, '0001020304050607');
    await ui.clearNotifications();
    await changeHost(stage, ui, { confirmStores: false, production: true });
    await plan('0x2000', '0x2000', 'random:16:1');
    await ui.submitInput();
    await ui.notification('is a production host with "confirmStores": false').waitFor();
    await ui.screenshot('25-production-refused');
    await ui.clearNotifications();
    await changeHost(stage, ui, { production: true, label: 'billing' });
    await plan('0x2000', '0x2000', 'random:16:1');
    await ui.submitInput();
    const question = ui.dialog('Store 16 bytes to BAR0');
    await question.waitFor();
    assert.match((await question.textContent()) ?? '', /production host .*PRODUCTION host.*Label: billing/s);
    await ui.screenshot('26-production-confirm');
    await ui.answerDialog('Store 16 bytes to BAR0', 'Cancel');
    assert.equal(lab.readStores().length, 5);
    await changeHost(stage, ui, {});
  });
}
