/** Plans, several functions at once, a function that another program has open, and the walkthrough, clicked in the workbench. */
import assert from 'node:assert/strict';
import type { Stage } from '../stage';
import { openSetup } from '../../setup/context';
import { Guest, installProgram } from '../../lab/machine/guestPrograms';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

/** Needs a connected host whose one function no driver has; leaves two more. */
export async function bindJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const line = (text: RegExp): Promise<void> =>
    ui.page.locator('.editor-instance .view-line').filter({ hasText: text }).first().waitFor();
  const toast = (button: string): Promise<void> =>
    ui.page.locator('.notification-toast .monaco-button').filter({ hasText: button }).first().click();
  const chooseAll = async (count: number): Promise<void> => {
    const list = ui.page.locator('.quick-input-widget:visible');
    const rows = list.locator('.monaco-list-row');
    await rows.nth(count - 1).waitFor();
    for (const row of await rows.all()) await row.click();
    await list
      .locator('.quick-input-count')
      .filter({ hasText: String(count) })
      .waitFor();
    await ui.submitInput();
  };

  await step(
    'Show Plan has every write and what undoes it, and nothing is written by reading it',
    async () => {
      await ui.command('ISM: Bind to ism-vfio-pci');
      await ui.answerDialog(`Bind ${lab.bdf}`, 'Show Plan');
      await line(/echo.ism_vfio_pci.>.*driver_override/);
      await line(/After.a.failure,.as.far.as.it.is.needed/);
      await ui.screenshot('60-plan');
      await ui.row(/no driver · not bound to vfio/).waitFor();
      await ui.notification(`Bind ${lab.bdf}`).waitFor();
      await toast('Bind');
      await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
      await ui.clearNotifications();
      await ui.command('View: Close All Editors');
    },
  );

  await step(
    'a function that another program has open is not taken from it, and the program is named',
    async () => {
      const guest = await Guest.login(lab);
      try {
        const program = await installProgram(openSetup(), guest, 'vfioShell');
        const shell = await guest.converse(`${program} ${lab.bdf}`);
        await shell.ask('info 0'); // it answers once the device is open
        await ui.command('ISM: Restore Driver');
        await ui.notification(/is open in another process.*vfioShell/).waitFor();
        await ui.screenshot('61-open-elsewhere');
        await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
        await shell.end();
      } finally {
        guest.leave();
      }
      await ui.clearNotifications();
    },
  );

  await step('restoring shows its writes in order, and Cancel writes none of them', async () => {
    await ui.command('ISM: Restore Driver');
    const plan = ui.dialog(`Restore ${lab.bdf} on ${lab.alias} to what it was: no driver?`);
    await plan.waitFor();
    const device = `/sys/bus/pci/devices/${lab.bdf}`;
    assert.match(
      (await plan.textContent()) ?? '',
      new RegExp(`echo > ${device}/driver_override\\s*echo ${lab.bdf} > ${device}/driver/unbind`),
    );
    await ui.screenshot('61-restore');
    await ui.answerDialog(`Restore ${lab.bdf}`, 'Cancel');
    await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
    await ui.command('ISM: Restore Driver');
    await ui.answerDialog(`Restore ${lab.bdf}`, 'Show Plan');
    await line(/driver.now:.ism_vfio_pci,.driver_override.now:.ism_vfio_pci/);
    await ui.screenshot('61-restore-plan');
    await ui.notification(`Restore ${lab.bdf}`).waitFor();
    await toast('Restore');
    await ui.notification(/Restored .* to no driver/).waitFor();
    await ui.row(/no driver · not bound to vfio/).waitFor();
    await ui.clearNotifications();
    await ui.command('View: Close All Editors');
  });

  await step('binding several: one plan, and cancelling ends after the function that has begun', async () => {
    const added = [await lab.addFunction(), await lab.addFunction()];
    for (const { bdf } of added) await ui.row(bdf).waitFor();
    await ui.command('ISM: Bind to ism-vfio-pci');
    await chooseAll(3);
    const plan = ui.dialog('Bind 3 functions to ism_vfio_pci?');
    await plan.waitFor();
    for (const { bdf } of lab.functions) assert.ok((await plan.textContent())?.includes(bdf));
    await ui.screenshot('62-bind-several');
    const pid = lab.guests[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP'); // so that the first one takes as long as a click
    try {
      await ui.answerDialog('Bind 3 functions', 'Bind 3 Functions');
      await ui.notification('(1 of 3)').waitFor();
      await toast('Cancel');
      await ui.page.waitForTimeout(500); // the extension host has to hear of it
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await ui.notification('Bound 1 of 3 functions. Cancelled before the other 2.').waitFor();
    await ui.screenshot('63-cancelled');
    await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
    assert.equal(
      await ui.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: 'no driver' }).count(),
      2,
    );
    await ui.clearNotifications();
  });

  await step('several are bound and restored, with one sentence for all', async () => {
    await ui.command('ISM: Bind to ism-vfio-pci');
    await chooseAll(2);
    await ui.answerDialog('Bind 2 functions', 'Bind 2 Functions');
    await ui.notification('Bound 2 of 2 functions.').waitFor();
    await ui.clearNotifications();
    await ui.command('ISM: Restore Driver');
    await chooseAll(3);
    const plan = ui.dialog('Restore 3 functions to what they were?');
    await plan.waitFor();
    for (const { bdf } of lab.functions) assert.ok((await plan.textContent())?.includes(bdf));
    await ui.screenshot('63-restore-several');
    await ui.answerDialog('Restore 3 functions', 'Restore 3 Functions');
    await ui.notification('Restored 3 of 3 functions.').waitFor();
    await ui.clearNotifications();
  });
}

/** The walkthrough opens, and its links run what they say. */
export async function walkthroughJob(ui: WorkbenchPage, step: Step): Promise<void> {
  await step('the walkthrough has its four steps, whose links run the commands', async () => {
    const steps = ui.page.locator('.getting-started-step');
    const links = [
      ['Add and connect a host', 'Add Host', 'Add Host'],
      ['Bind a function', 'Bind to ism-vfio-pci', 'Bind to ism-vfio-pci'],
      ['Issue a test store', 'Test Store', undefined],
      ['Compare the driver with vfio-pci', 'Audit Regions', undefined],
    ] as const;
    for (const [title, button, opens] of links) {
      await ui.command('Welcome: Open Walkthrough...');
      await ui.choose('Get Started with ISM Driver Tools');
      const one = steps.filter({ hasText: title });
      await one.first().click();
      const link = one.locator('.monaco-button').filter({ hasText: button });
      await link.first().waitFor();
      if (button === 'Test Store') await ui.screenshot('64-walkthrough');
      await link.first().click();
      if (opens) {
        await ui.page.locator('.quick-input-widget:visible').filter({ hasText: opens }).waitFor();
        await ui.page.locator('.quick-input-widget:visible input.input').press('Escape');
        await ui.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
      } else await ui.notification('is bound to a vfio driver; bind one first').waitFor();
      // The step's page has the focus by now and keeps the keys to itself.
      await ui.page.locator('.tab.active .tab-actions a').first().click();
      await ui.clearNotifications();
    }
  });
}
