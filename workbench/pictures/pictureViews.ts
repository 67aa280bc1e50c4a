/** The views that pictures are taken of, each with how a person comes to it. */
import { burstFrame, planBurst } from '../jobs/burstsJob';
import { DRIVER, LOAD_QUESTION } from '../jobs/editedDriver';
import type { Lab } from '../../lab/machine/api';
import type { WorkbenchPage } from '../workbenchPage';

export interface View {
  readonly name: string;
  readonly show: (ui: WorkbenchPage) => Promise<void>;
  /** What must not stay for the next view. */
  readonly leave?: (ui: WorkbenchPage) => Promise<void>;
}

/** A connected host, a bound function that is open, a journal with some stores, a side bar in which rows can be read. */
export async function prepare(ui: WorkbenchPage, bdf: string): Promise<void> {
  await ui.openView('ISM');
  await ui.row('ism-lab').waitFor();
  await ui.command('ISM: Connect');
  await ui.answerDialog('Install the ISM helper', 'Install');
  await ui.row('1014:04ed').waitFor();
  await ui.command('ISM: Bind to ism-vfio-pci');
  await ui.answerDialog(`Bind ${bdf}`, 'Bind');
  await ui.notification(`${bdf} is bound to ism_vfio_pci`).waitFor();
  await ui.command('ISM: Show Regions');
  await ui.row(/BAR0.*256 TiB/).waitFor();
  await ui.page.mouse.move(350, 430);
  await ui.page.mouse.down();
  await ui.page.mouse.move(470, 430, { steps: 5 });
  await ui.page.mouse.up();
  for (const [region, offset, data] of [
    ['BAR0', '0x123456789000', 'counter:64'],
    ['BAR0', 'token:0x100000000 + 1<<24', 'text:hello from guest one!!!!'],
    ['BAR2', '0', 'u16be:0, 3, 0, 8'],
  ] as const) {
    await planStore(ui, region, offset, data);
    await sendIt(ui, region);
  }
  await ui.command('ISM: Focus on Store Journal View');
  await ui.row(/BAR0 0x123456789000/).waitFor();
}

export const VIEWS: readonly View[] = [
  {
    name: 'audit',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.command('ISM: Focus on Devices View'); // its icon would hide it where it is shown
      await ui.command('ISM: Audit Regions');
      await line(ui, /ROM.*REFUSED/);
      await ui.page.locator('.codelens-decoration a').first().waitFor();
    },
  },
  {
    name: 'burst',
    show: async (ui: WorkbenchPage): Promise<void> => {
      for (const [count, step] of [
        ['2000', '64'],
        ['3000', '0'],
      ] as const) {
        await planBurst(ui, '0x190000000000', count, step);
        await ui.answerDialog(`Send ${count} stores`, `Send ${count} Stores`);
        await burstFrame(ui)
          .getByRole('heading', { name: `${count} × 64 bytes` })
          .waitFor();
      }
      await ui.page.getByRole('button', { name: 'Compare Bursts' }).click();
      await ui.choose('2000 × 64 bytes');
      await burstFrame(ui).getByRole('heading', { name: 'Two bursts compared' }).waitFor();
      await ui.clearNotifications();
    },
  },
  {
    name: 'facts',
    show: async (ui: WorkbenchPage): Promise<void> => {
      // Regions and facts need the height of the journal.
      await ui.page.locator('.pane-header').filter({ hasText: 'Store Journal' }).click();
      await ui.command('ISM: Focus on Devices View');
      await ui.row('Facts').click();
      await ui.row(/Function ID \(FID\)/).waitFor();
    },
    leave: async (ui: WorkbenchPage): Promise<void> => {
      await ui.row('Facts').click();
      await ui.page.locator('.pane-header').filter({ hasText: 'Store Journal' }).click();
      await ui.row(/BAR2 0x0/).waitFor(); // the newest: older ones need not be in sight
    },
  },
  {
    name: 'control-page',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await readControlPage(ui);
      await line(ui, /ISM_READ_GID/);
    },
  },
  {
    name: 'compare',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await readControlPage(ui);
      await line(ui, /ISM_READ_GID/);
      await ui.command('ISM: Take Snapshot of Region');
      await ui.notification('Kept 64 bytes as a snapshot').waitFor();
      await planStore(ui, 'BAR2', '0', 'u16be:0, 6, 0, 8');
      await sendIt(ui, 'BAR2');
      await ui.command('ISM: Refresh Region Window');
      await line(ui, /cmd.*ISM_SET_VLAN/);
      await ui.command('ISM: Compare Region With Snapshot');
      // It asks which when there are several.
      const snapshot = ui.page
        .locator('.quick-input-widget:visible .monaco-list-row')
        .filter({ hasText: 'Snapshot' });
      await snapshot
        .first()
        .click({ timeout: 3000 })
        .catch(() => undefined);
      await ui.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
      await ui.clearNotifications();
    },
    leave: async (ui: WorkbenchPage): Promise<void> => {
      await planStore(ui, 'BAR2', '0', 'u16be:0, 3, 0, 8');
      await sendIt(ui, 'BAR2');
    },
  },
  {
    name: 'store',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await planStore(ui, 'BAR0', 'token:0x100000000 + 1<<24 + 0x40', 'u32be:1, 2, 0xdeadbeef, 4');
      await ui.dialog('Store 16 bytes to BAR0').waitFor();
    },
    leave: (ui: WorkbenchPage): Promise<void> => ui.answerDialog('Store 16 bytes to BAR0', 'Cancel'),
  },
  {
    name: 'journal',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.inlineCopy(/BAR2 0x0/, 'Copy Store as C');
      await ui.pasteIntoNewEditor(/pwrite\(device/);
      await ui.clearNotifications();
    },
    leave: async (ui: WorkbenchPage): Promise<void> => ui.command('View: Revert and Close Editor'),
  },
  {
    name: 'driver',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.openFile('drivers/vfio/pci/ism/main.c');
      await ui.command('Problems: Focus on Problems View');
      const problem = ui.page
        .locator('.markers-panel .monaco-list-row')
        .filter({ hasText: 'region-info-unknown-index' });
      await problem.first().click();
      await ui.page.locator('.squiggly-warning').first().waitFor();
    },
    leave: (ui: WorkbenchPage): Promise<void> => ui.command('View: Hide Panel'),
  },
  {
    name: 'walkthrough',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.command('Welcome: Open Walkthrough...');
      await ui.choose('Get Started with ISM Driver Tools');
      await ui.page.locator('.getting-started-step').filter({ hasText: 'Add and connect a host' }).waitFor();
    },
  },
];

/** A second function of the host, bound; from here on commands ask which. */
export async function preparePair(ui: WorkbenchPage, lab: Lab): Promise<void> {
  const { bdf } = await lab.addFunction();
  await ui.row(bdf).waitFor();
  await ui.command('ISM: Bind to ism-vfio-pci');
  await ui.answerDialog(`Bind ${bdf}`, 'Bind');
  await ui.notification(`${bdf} is bound to ism_vfio_pci`).waitFor();
}

/** Those that need two functions. */
export const PAIR_VIEWS: readonly View[] = [
  {
    name: 'loopback',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.command('ISM: DMB Loopback');
      await pickTwo(ui, 'that has the buffer');
      // Filled in, though they are the usual sizes: an Enter that comes before the box is there is lost.
      await ui.fillInput('How many bytes to store', '8, 64, 1024, 4096');
      await ui.submitInput();
      await ui.fillInput('Offset in the buffer', '0x0');
      await ui.submitInput();
      await ui.answerDialog('Store 4 times', 'Register and Store 4 Times');
      await line(ui, /4096\s+ok\s+equal/);
      await ui.clearNotifications();
    },
  },
  {
    name: 'watched',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.command('ISM: Watch DMB');
      await pickTwo(ui, 'may store into it');
      await ui.fillInput('Size of the buffer', '4096');
      await ui.submitInput();
      await ui.answerDialog('Register a buffer of 4096 bytes', 'Register and Watch');
      const row = ui.row(/DMB 0x/);
      await row.waitFor();
      const token = /0x[0-9a-f]+/.exec((await row.textContent()) ?? '')?.[0] ?? '';
      for (const [offset, data] of [
        ['1<<24 + 1<<23', 'text:hello from the other one'],
        ['2<<24 + 1<<23 + 0x48', 'u32be:1, 2, 0xdeadbeef, 4'],
      ]) {
        await ui.command('ISM: Test Store');
        await ui.page.locator('.quick-input-widget:visible').filter({ hasText: 'Test Store' }).waitFor();
        await ui.choose(/^005.:00:00.0/); // the first function may store, the other one has the buffer
        await ui.choose('BAR0');
        await ui.fillInput('Offset', `token:${token} + ${offset}`);
        await ui.submitInput();
        await ui.fillInput('BAR0 0x', data ?? '');
        await ui.submitInput();
        await sendIt(ui, 'BAR0');
      }
      await line(ui, /Signals:.2,/);
    },
    leave: async (ui: WorkbenchPage): Promise<void> => {
      await ui.command('ISM: Stop Watching DMB');
      await line(ui, /Not.watched.any.more/);
    },
  },
];

/** Those that take functions from their driver, after which nothing of them is open any more. */
export const TRIAL_VIEWS: readonly View[] = [
  {
    name: 'trial-question',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.openFile(DRIVER);
      await ui.command('ISM: Try My Driver');
      await ui.dialog(LOAD_QUESTION).waitFor();
    },
    leave: async (ui: WorkbenchPage): Promise<void> => {
      await ui.answerDialog(LOAD_QUESTION, 'Cancel');
      await ui.clearNotifications();
    },
  },
  {
    name: 'trial',
    show: async (ui: WorkbenchPage): Promise<void> => {
      await ui.openFile(DRIVER);
      await ui.command('ISM: Try My Driver');
      await ui.answerDialog(LOAD_QUESTION, 'Load');
      await ui.notification(/is not answered as by vfio-pci: 6/).waitFor();
      await ui.clearNotifications();
      // The list of results may open by itself; in its output there are folders of whoever takes the picture.
      if (await ui.page.locator('.part.panel').isVisible()) await ui.command('View: Hide Panel');
      await ui.command('Testing: Focus on Test Explorer View');
      await ui.row('ism-vfio-pci').click();
      await ui.page.keyboard.press('ArrowRight');
      await ui.row('Unload, load, bind').waitFor();
    },
    leave: async (ui: WorkbenchPage): Promise<void> => {
      await ui.command('View: Close All Editors');
      await ui.command('ISM: Focus on Devices View');
    },
  },
];

/** The first function that is offered, then the other one. */
async function pickTwo(ui: WorkbenchPage, second: string): Promise<void> {
  const functions = /00:00.0/;
  const list = (text: string) => ui.page.locator('.quick-input-widget:visible').filter({ hasText: text });
  await list(second === 'that has the buffer' ? 'that stores' : 'that has the buffer').waitFor();
  if (second === 'that has the buffer') await ui.choose(functions);
  else
    await ui.page
      .locator('.quick-input-widget:visible .monaco-list-row')
      .filter({ hasText: functions })
      .nth(1)
      .click();
  await list(second).waitFor();
  await ui.choose(functions);
}

const line = (ui: WorkbenchPage, text: RegExp): Promise<void> =>
  ui.page.locator('.view-line').filter({ hasText: text }).first().waitFor();

async function sendIt(ui: WorkbenchPage, region: string): Promise<void> {
  const dialog = ui.dialog(`to ${region} of`);
  await dialog.locator('.monaco-button').filter({ hasText: 'Store' }).first().click();
  await dialog.waitFor({ state: 'detached' });
  await ui.notification(/to BAR/).waitFor();
  await ui.clearNotifications();
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
