/**
 * Try My Driver in the workbench, on a host whose kernel has KASAN and lockdep: mistakes about which the other kernels keep silent are
 * problems at the lines that made them.
 */
import assert from 'node:assert/strict';
import type { Stage } from '../../workbench/stage';
import { EditedDriver } from '../../workbench/jobs/editedDriver';
import type { Step } from '../../workbench/runJob';
import type { WorkbenchPage } from '../../workbench/workbenchPage';

/** That kernel takes several times as long as the others, and so does what waits for it. */
const SLOW_MS = 120_000;

interface Mistake {
  readonly name: string;
  /** At the start of the function that answers for regions. */
  readonly statements: readonly string[];
  /** In the line to which the report belongs. */
  readonly at: string;
  readonly title: RegExp;
  readonly picture: string;
}

const MISTAKES: readonly Mistake[] = [
  // Before the other one: lockdep gives up once KASAN has found the kernel damaged (mm/kasan/report.c).
  {
    name: 'a lock inversion',
    statements: [
      'static DEFINE_MUTEX(one);',
      'static DEFINE_MUTEX(two);',
      'mutex_lock(&one);',
      'mutex_lock(&two);',
      'mutex_unlock(&two);',
      'mutex_unlock(&one);',
      'mutex_lock(&two);',
      'mutex_lock(&one); /* the wrong way round */',
      'mutex_unlock(&one);',
      'mutex_unlock(&two);',
    ],
    at: 'mutex_lock(&one); /* the wrong way round */',
    title: /circular locking dependency/,
    picture: '60-lock-inversion',
  },
  {
    name: 'a use after free',
    statements: [
      'volatile u8 *gone = kmalloc(64, GFP_KERNEL);',
      'kfree((void *)gone);',
      'info->flags = gone[8];',
    ],
    at: 'info->flags = gone[8]',
    title: /BUG: KASAN: slab-use-after-free/,
    picture: '61-use-after-free',
  },
];

export async function debugKernelJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const driver = new EditedDriver(ui, stage.workspace);
  ui.page.setDefaultTimeout(SLOW_MS);

  await step('the host with the debug kernel is connected, and its function bound', async () => {
    await ui.openView('ISM');
    await ui.row(lab.alias).waitFor();
    await ui.command('ISM: Connect');
    await ui.answerDialog('Install the ISM helper', 'Install');
    await ui.row('1014:04ed').waitFor();
    await ui.command('ISM: Bind to ism-vfio-pci');
    await ui.answerDialog(`Bind ${lab.bdf}`, 'Bind');
    await ui.notification(`${lab.bdf} is bound to ism_vfio_pci`).waitFor();
    await ui.clearNotifications();
  });

  await step('of the real driver the kernel says nothing', async () => {
    await driver.load();
    const told = ui.notification(/not answered as by vfio-pci: 6/);
    await told.waitFor();
    assert.doesNotMatch((await told.textContent()) ?? '', /The kernel complained/);
    await ui.clearNotifications();
  });

  for (const { name, statements, at, title, picture } of MISTAKES)
    await step(`${name} is a problem at the line that made it`, async () => {
      // The editor indents what is typed.
      await driver.typeBefore('switch (info->index)', ['{', ...statements, '}'].join('\n'));
      for (const one of statements) assert.ok(driver.text().includes(`${one}\n`), driver.text());
      await driver.load();
      const told = ui.notification(/The kernel complained/);
      await told.waitFor();
      await told.locator('.monaco-button').filter({ hasText: 'Show Problems' }).click();
      const row = driver.problem(title);
      await row.waitFor();
      const text = (await row.textContent()) ?? '';
      const place = driver.placeOf(at);
      assert.ok(text.includes(place), `${text} instead of ${place}`);
      await row.click({ position: { x: 80, y: 8 } }); // in its middle there is the link to the whole report
      const [line = ''] = /Ln \d+,/.exec(place) ?? [];
      await ui.page.locator('.statusbar-item').filter({ hasText: line }).waitFor();
      await ui.clearNotifications();
      await ui.screenshot(picture);
      await driver.putBack();
    });

  await step('the real driver is loaded again, and restoring brings the former state back', async () => {
    await driver.load();
    await ui.notification(/not answered as by vfio-pci: 6/).waitFor();
    await ui.clearNotifications();
    await ui.command('ISM: Restore Driver');
    await ui.answerDialog(`Restore ${lab.bdf}`, 'Restore');
    await ui.notification(`Restored ${lab.bdf} to no driver`).waitFor();
  });
}
