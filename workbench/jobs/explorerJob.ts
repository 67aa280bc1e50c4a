/** Facts, filter, favourites, copying and the marks of a production host, clicked in the workbench. */
import assert from 'node:assert/strict';
import type { Stage } from '../stage';
import type { Step } from '../runJob';
import { changeHost } from './storesJob';
import type { WorkbenchPage } from '../workbenchPage';

/** Needs a function that is open. */
export async function explorerJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  await step("facts of a function are rows, in s390-tools' words, and a value can be copied", async () => {
    await ui.row('Facts').click();
    await ui.row(/Function ID \(FID\)/).waitFor();
    await ui.row(/Function type \(PFT\)/).waitFor();
    await ui.row(/Function handle0x/).waitFor();
    const fact = ui.row(/Function ID \(FID\)/);
    assert.match((await fact.getAttribute('aria-label')) ?? '', /Function ID \(FID\): 0x/);
    assert.equal(await ui.inlineCopy(/Function ID \(FID\)/, 'Copy Value'), '0x00000061');
    await ui.screenshot('30-facts');
    await ui.page.keyboard.press('End'); // the tree has only the rows that can be seen
    await ui.row(/Driverism_vfio_pci/).waitFor();
    await ui.row(/In use bythis window/).waitFor();
    await ui.row(/IOMMU group/).waitFor();
    await ui.page.keyboard.press('Home');
    await ui.row('Facts').click();
  });

  await step('the filter leaves functions that have every word, and says when there is none', async () => {
    await ui.command('ISM: Filter Devices');
    await ui.fillInput('Filter Devices', 'fid 0xdead');
    await ui.submitInput();
    await ui.row("None of 1 functions has 'fid 0xdead'").waitFor();
    await ui.command('ISM: Clear Filter of Devices');
    await ui.row(lab.bdf).waitFor();
  });

  await step('a favourite has its star, and the status bar names the connected host', async () => {
    await ui.command('ISM: Toggle Favourite');
    await ui.row(/★ FID/).waitFor();
    await ui.page
      .locator('.statusbar-item')
      .filter({ hasText: `ISM: ${lab.alias}` })
      .waitFor();
    await ui.command('ISM: Toggle Favourite');
    await ui.row(/★ FID/).waitFor({ state: 'detached' });
  });

  await step('a production host has its badge at once, to the eye and to a screen reader', async () => {
    await changeHost(stage, ui, { production: true, label: 'billing' });
    await ui.row(/billing · production/).waitFor();
    const label = (await ui.row(/billing · production/).getAttribute('aria-label')) ?? '';
    assert.match(label, /connected, billing · production/);
    await ui.page.locator('.part.sidebar .monaco-icon-label[class*="badge"]').first().waitFor();
    await ui.screenshot('31-production');
    await changeHost(stage, ui, {});
    await ui.row(/billing · production/).waitFor({ state: 'detached' });
  });
}
