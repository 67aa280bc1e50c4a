/** `npm run demo -- --screenshots`: every view in light, dark and high contrast, for the README and for reviewers. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { setStage } from '../../scripts/stage';
import { chromium } from '../../setup/chromium';
import type { SetupContext } from '../../setup/context';
import { launchBrowser } from './browser';
import { WorkbenchPage } from './workbenchPage';

const THEMES = [
  { name: 'light', label: 'Light Modern' },
  { name: 'dark', label: 'Dark Modern' },
  { name: 'contrast', label: 'Dark High Contrast' },
] as const;

/** Larger pictures make every clone slower. */
const MOST_BYTES = 150 * 1024;

/**
 * Sets the stage, brings every view into a state worth a picture and takes it in each theme.
 *
 * @param folder where the pictures go
 * @returns the pictures that are too large
 */
export async function takePictures(setup: SetupContext, root: string, folder: string): Promise<string[]> {
  const program = await chromium(setup);
  const stage = await setStage(setup, root, { 'workbench.colorTheme': 'Light Modern' });
  const browser = await launchBrowser(program, stage.folder);
  const taken: string[] = [];
  try {
    const say = (line: string): void => console.log(`    ${line}`);
    const ui = await WorkbenchPage.open(browser, stage.codeServer.origin, stage.workspace, folder, say);
    const line = (text: RegExp): Promise<void> =>
      ui.page.locator('.view-line').filter({ hasText: text }).first().waitFor();
    const shoot = async (view: string, theme: string): Promise<void> => {
      const name = `screenshot-${view}-${theme}`;
      await ui.screenshot(name);
      taken.push(path.join(folder, `${name}.png`));
    };
    await prepare(ui, stage.lab.bdf);
    for (const theme of THEMES) {
      await ui.command('Preferences: Color Theme');
      await ui.page.keyboard.type(theme.label);
      await ui.choose(theme.label);
      await ui.command('View: Close All Editors');
      await ui.command('ISM: Focus on Devices View'); // its icon would hide it where it is shown
      await ui.command('ISM: Audit Regions');
      await line(/ROM.*REFUSED/);
      await ui.page.locator('.codelens-decoration a').first().waitFor();
      await shoot('audit', theme.name);
      await readControlPage(ui);
      await line(/ISM_READ_GID/);
      await shoot('control-page', theme.name);
      await planStore(ui, 'BAR0', 'token:0x100000000 + 1<<24 + 0x40', 'u32be:1, 2, 0xdeadbeef, 4');
      await ui.dialog('Store 16 bytes to BAR0').waitFor();
      await shoot('store', theme.name);
      await ui.answerDialog('Store 16 bytes to BAR0', 'Cancel');
      await ui.command('View: Close All Editors');
      await ui.openFile('drivers/vfio/pci/ism/main.c');
      await ui.command('Problems: Focus on Problems View');
      const problem = ui.page
        .locator('.markers-panel .monaco-list-row')
        .filter({ hasText: 'region-info-unknown-index' });
      await problem.first().click();
      await ui.page.locator('.squiggly-warning').first().waitFor();
      await shoot('driver', theme.name);
      await ui.command('View: Hide Panel');
    }
  } finally {
    await browser.close();
    await stage.end();
  }
  return taken.filter((file) => statSync(file).size > MOST_BYTES);
}

/** A connected host, a bound function that is open, a journal with some stores. */
async function prepare(ui: WorkbenchPage, bdf: string): Promise<void> {
  await ui.openView('ISM');
  await ui.command('ISM: Connect');
  await ui.answerDialog('Install the ISM helper', 'Install');
  await ui.row('1014:04ed').waitFor();
  await ui.command('ISM: Bind to ism-vfio-pci');
  await ui.notification(`${bdf} is bound to ism-vfio-pci`).waitFor();
  await ui.command('ISM: Show Regions');
  await ui.row(/BAR0.*256 TiB/).waitFor();
  const stores: [region: string, offset: string, data: string][] = [
    ['BAR0', '0x123456789000', 'counter:64'],
    ['BAR0', 'token:0x100000000 + 1<<24', 'text:hello from guest one!!!!'],
    ['BAR2', '0', 'u16be:0, 3, 0, 8'],
  ];
  for (const [region, offset, data] of stores) {
    await planStore(ui, region, offset, data);
    const dialog = ui.dialog(`to ${region} of ${bdf}`);
    await dialog.locator('.monaco-button').filter({ hasText: 'Store' }).first().click();
    await dialog.waitFor({ state: 'detached' });
    await ui.notification(/to BAR/).waitFor();
    await ui.clearNotifications();
  }
  await ui.command('ISM: Focus on Store Journal View');
  await ui.row(/BAR0 0x123456789000/).waitFor();
}

async function planStore(ui: WorkbenchPage, region: string, offset: string, data: string): Promise<void> {
  await ui.command('ISM: Test Store');
  await ui.choose(region);
  await ui.fillInput('Offset', offset);
  await ui.submitInput();
  await ui.fillInput(`${region} 0x`, data);
  await ui.submitInput();
}

async function readControlPage(ui: WorkbenchPage): Promise<void> {
  await ui.command('ISM: Read Region');
  await ui.choose('BAR2');
  await ui.fillInput('Offset', '0x0');
  await ui.submitInput();
  await ui.fillInput('How many bytes', '64');
  await ui.submitInput();
}
