/** Try My Driver with its settings: scripts, a trial on each save, and a host that is no lab, where every step is asked for. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from '../stage';
import { EditedDriver, LOAD_QUESTION } from './editedDriver';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

const PLACE = '0x1b0000000000';
/** What a trial of the real driver ends with. */
const AUDITED = /1 index is not answered as by vfio-pci: 6/;

/** Needs a bound function of the connected host, and leaves it bound; the settings go again. */
export async function driverSettingsJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab, workspace } = stage;
  const driver = new EditedDriver(ui, workspace);
  const folder = path.join(workspace, '.vscode');
  const settingsFile = path.join(folder, 'settings.json');
  const scripts = path.join(workspace, 'checks');
  const stored = (): number => lab.readStores().filter(({ offset }) => offset === PLACE).length;
  let version = 0;
  /** Writes the settings and waits until the workbench has them, which its title tells. */
  const set = async (settings: object): Promise<void> => {
    const title = `settings ${++version}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(settingsFile, JSON.stringify({ ...settings, 'window.title': title }));
    await ui.page.waitForFunction(`document.title.includes('${title}')`);
  };

  await step('the scripts that the setting names are run on the new driver, after a question', async () => {
    mkdirSync(scripts);
    writeFileSync(path.join(scripts, 'one.ism'), `test "arrives"\n  store bar0 ${PLACE} counter 64\n`);
    await set({ 'ism.driver.scripts': ['checks/*.ism'] });
    await driver.load();
    const question = ui.dialog(`with up to 1 stores on ${lab.alias}`);
    await question.waitFor();
    assert.equal(stored(), 0);
    await ui.answerDialog(`with up to 1 stores on ${lab.alias}`, 'Run 1 Stores');
    await ui.notification(AUDITED).waitFor();
    await lab.waitForStore(({ offset }) => offset === PLACE);
    await ui.clearNotifications();
  });

  await step('a script that fails is told with the rest', async () => {
    const text = `test "fails"\n  store bar0 ${PLACE} counter 64\n  expect error EIO\n`;
    writeFileSync(path.join(scripts, 'one.ism'), text);
    await driver.load();
    await ui.answerDialog(`with up to 1 stores on ${lab.alias}`, 'Run 1 Stores');
    await ui.notification(/A script failed\./).waitFor();
    await ui.clearNotifications();
    assert.equal(stored(), 2);
  });

  await step('a save tries the driver again, without scripts and without a question', async () => {
    await set({ 'ism.driver.scripts': ['checks/*.ism'], 'ism.driver.tryOnSave': true });
    await driver.typeBefore('switch (info->index)', '\tWARN_ON(info->index == 3);');
    await ui.notification(/The kernel complained: WARNING/).waitFor();
    assert.equal(await ui.dialog(/./).count(), 0);
    assert.equal(stored(), 2);
    await ui.screenshot('56-tried-on-save');
    await set({});
    await driver.putBack();
  });

  await step(
    'on a host that is no lab every step is asked for, and Cancel brings back what was there',
    async () => {
      const description = JSON.parse(readFileSync(lab.driverBuildFile, 'utf8')) as Record<string, unknown>;
      const file = path.join(stage.folder, 'driver-build.json');
      writeFileSync(file, JSON.stringify({ ...description, lab: false }));
      await set({ 'ism.driver.build': file });
      await driver.load();
      await ui.answerDialog(`Take ${lab.bdf} from ism_vfio_pci on ${lab.alias}?`, 'Go On');
      await ui.dialog('Unload the module ism_vfio_pci').waitFor();
      await ui.screenshot('57-step-by-step');
      await ui.answerDialog('Unload the module ism_vfio_pci', 'Cancel');
      await ui.notification(/Stopped before: Unload the module ism_vfio_pci/).waitFor();
      await ui.clearNotifications();
      await ui.command('ISM: Focus on Devices View');
      await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
    },
  );

  await step('and the driver is loaded once all steps were agreed to', async () => {
    await driver.load();
    for (const question of [`Take ${lab.bdf}`, 'Unload the module', 'Load the new module', `Bind ${lab.bdf}`])
      await ui.answerDialog(question, 'Go On');
    await ui.notification(AUDITED).waitFor();
    assert.equal(await ui.dialog(LOAD_QUESTION).count(), 0);
    await ui.clearNotifications();
    rmSync(folder, { recursive: true });
    rmSync(scripts, { recursive: true });
    await ui.command('ISM: Focus on Devices View');
  });
}
