/**
 * The main job as a person does it, in the real workbench against the simulated host: connect, see the function, bind,
 * store from the palette, see the driver's warning. `npm run demo -- --check` and `npm test` both run it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Step } from '../runJob';
import type { Stage } from '../stage';
import { auditJob, windowJob } from './auditJob';
import { burstsJob } from './burstsJob';
import { driverJob } from './driverJob';
import { driverSettingsJob } from './driverSettingsJob';
import { explorerJob } from './explorerJob';
import { reloadJob } from './reloadJob';
import { scriptsJob } from './scriptsJob';
import { storesJob } from './storesJob';
import type { WorkbenchPage } from '../workbenchPage';

const STORE_OFFSET = '0x123456789000';
/** 64 bytes, all different, so that an exchanged byte or word cannot hide. */
const STORE_DATA = Array.from({ length: 64 }, (_, i) => (0xa0 ^ (i * 3)).toString(16).padStart(2, '0')).join(
  '',
);

export async function mainJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  await step('the ISM view shows the host', async () => {
    await ui.openView('ISM');
    await ui.row(lab.alias).waitFor();
    await ui.screenshot('01-host');
  });

  await step('connecting asks before it installs the helper, then shows 1014:04ed', async () => {
    await ui.command('ISM: Connect');
    await ui.dialog('Install the ISM helper').waitFor();
    await ui.screenshot('02-install-helper');
    await ui.answerDialog('Install the ISM helper', 'Install');
    await ui.row('1014:04ed').waitFor();
    assert.match((await ui.row(lab.bdf).textContent()) ?? '', /no driver · not bound to vfio/);
    await ui.screenshot('03-function');
  });

  await step('binding shows the driver and the vfio state', async () => {
    await ui.command('ISM: Bind to ism-vfio-pci');
    const plan = ui.dialog(`Bind ${lab.bdf} on ${lab.alias} to ism_vfio_pci?`);
    await plan.waitFor();
    const device = `/sys/bus/pci/devices/${lab.bdf}`;
    const text = (await plan.textContent()) ?? '';
    for (const line of [
      `echo ism_vfio_pci > ${device}/driver_override`,
      `echo ${lab.bdf} > /sys/bus/pci/drivers_probe`,
    ])
      assert.ok(text.includes(line), text);
    await ui.screenshot('03a-bind-plan');
    await ui.answerDialog(`Bind ${lab.bdf}`, 'Bind');
    await ui.notification(`${lab.bdf} is bound to ism_vfio_pci`).waitFor();
    await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
    await ui.clearNotifications();
  });

  await step('regions show what the driver answers, with the refused ones marked', async () => {
    await ui.command('ISM: Show Regions');
    await ui.row(/BAR0.*256 TiB · read, write/).waitFor();
    await ui.row(/ROM.*refused with EINVAL/).waitFor();
    await ui.screenshot('04-regions');
  });

  await step('a store that the driver would refuse is named before it is sent', async () => {
    await ui.command('ISM: Test Store');
    await ui.choose('BAR0');
    await ui.fillInput('Offset', '0xff8');
    await ui.submitInput();
    await ui.fillInput('BAR0 0xff8', '00'.repeat(64));
    await ui
      .inputMessage()
      .filter({ hasText: '64 bytes at 0xff8 cross a 4 KiB boundary; at most 8 fit there.' })
      .waitFor();
    await ui.screenshot('05-crosses-page');
    await ui.fillInput('BAR0 0xff8', '0');
    await ui.inputMessage().filter({ hasText: 'a byte needs two, so one is missing' }).waitFor();
    await ui.escape();
    assert.deepEqual(lab.readStores(), []);
  });

  await step('a store says exactly what will happen, and Cancel sends nothing', async () => {
    await startStore(ui);
    const detail = await ui.dialog('Store 64 bytes to BAR0').textContent();
    assert.ok(
      detail?.includes(STORE_OFFSET) && detail.includes(lab.bdf) && detail.includes(lab.alias),
      detail ?? '',
    );
    await ui.screenshot('06-confirm-store');
    await ui.answerDialog('Store 64 bytes to BAR0', 'Cancel');
    assert.deepEqual(lab.readStores(), []);
  });

  await step('a store of 64 bytes arrives at the device, byte for byte', async () => {
    await startStore(ui);
    await ui.answerDialog('Store 64 bytes to BAR0', 'Store 64 Bytes');
    await ui.notification('Stored 64 bytes to BAR0').waitFor();
    await ui.screenshot('07-stored');
    await lab.waitForStore((store) => store.length === 64);
    const stores = lab.readStores();
    assert.equal(stores.length, 1, JSON.stringify(stores));
    const [store] = stores;
    assert.equal(store?.region, 0);
    assert.equal(store.offset, STORE_OFFSET);
    assert.equal(store.bytes, STORE_DATA);
  });

  await step('the journal holds the store with its outcome', () => {
    const lines = readFileSync(stage.journal, 'utf8').trim().split('\n');
    assert.equal(lines.length, 1);
    const record = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.equal(record['host'], lab.alias);
    assert.equal(record['function'], lab.bdf);
    assert.equal(record['region'], 0);
    assert.equal(record['offset'], STORE_OFFSET);
    assert.equal(record['data'], STORE_DATA);
    assert.equal(record['outcome'], 'ok');
    assert.ok(typeof record['durationNs'] === 'number' && record['durationNs'] > 0);
    return Promise.resolve();
  });

  await storesJob(stage, ui, step);
  await explorerJob(stage, ui, step);

  await step('the real driver shows the warning at the refusing default', async () => {
    await ui.clearNotifications();
    await ui.openFile('drivers/vfio/pci/ism/main.c');
    await ui.command('Problems: Focus on Problems View');
    const problem = ui.page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: 'region-info-unknown-index' });
    await problem.first().waitFor();
    assert.equal(await problem.count(), 1);
    await problem.first().click();
    await ui.page.locator('.squiggly-warning').first().waitFor();
    await ui.screenshot('08-driver-warning');
  });

  await auditJob(ui, step);
  await windowJob(stage, ui, step);

  await step('reading a region shows its bytes', async () => {
    await ui.command('ISM: Read Region');
    await ui.choose('Config space');
    await ui.fillInput('Offset', '0x0');
    await ui.submitInput();
    await ui.fillInput('How many bytes', '64');
    await ui.submitInput();
    // PCI configuration space starts with the vendor and device ids, little-endian.
    await ui.page
      .locator('.view-line')
      .filter({ hasText: /14.10.ed.04/ })
      .first()
      .waitFor();
    await ui.screenshot('09-read-region');
  });

  await reloadJob(stage, ui, step);
  await scriptsJob(stage, ui, step);
  await burstsJob(stage, ui, step);
  await driverJob(stage, ui, step);
  await driverSettingsJob(stage, ui, step);

  await step('restoring brings the former state back', async () => {
    await ui.command('ISM: Restore Driver');
    await ui.answerDialog(`Restore ${lab.bdf}`, 'Restore');
    await ui.notification(`Restored ${lab.bdf} to no driver`).waitFor();
    await ui.row(/no driver · not bound to vfio/).waitFor();
  });
}

/** What a person meets who adds hosts by hand; runs after the main job, with its host still there. */
export async function addingHosts(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const add = async (destination: string): Promise<void> => {
    await ui.clearNotifications();
    await ui.command('ISM: Add Host');
    await ui.fillInput('Add Host', destination);
    await ui.submitInput();
  };

  await step(
    'a host key that nobody knows is shown with its fingerprint, and Cancel sends nothing',
    async () => {
      // The same host under a name for which no known_hosts has a line.
      await add(`root@127.0.0.1:${lab.port}`);
      const question = ui.dialog('The host key of 127.0.0.1 is not known');
      await question.waitFor();
      assert.match((await question.textContent()) ?? '', /ssh-ed25519\s*SHA256:[A-Za-z0-9+/]{43}/);
      await ui.screenshot('12-unknown-host-key');
      await ui.answerDialog('The host key of 127.0.0.1 is not known', 'Cancel');
      await ui.row(/was not accepted, so nothing was sent/).waitFor();
    },
  );

  await step('a host that cannot be reached says why in its row, and the others are as before', async () => {
    await add('root@127.0.0.1:9');
    await ui.row(/port 9, refuses connections; check that the host is up/).waitFor();
    await ui.row(/no driver · not bound to vfio/).waitFor();
    await ui.screenshot('13-unreachable-host');
  });

  await step('text that names no host is refused while it is typed', async () => {
    await ui.command('ISM: Add Host');
    await ui.fillInput('Add Host', 'not a host');
    await ui
      .inputMessage()
      .filter({ hasText: 'does not name a host; write alias, user@host or user@host:port' })
      .waitFor();
    await ui.escape();
  });
}

async function startStore(ui: WorkbenchPage): Promise<void> {
  await ui.command('ISM: Test Store');
  await ui.choose('BAR0');
  await ui.fillInput('Offset', STORE_OFFSET);
  await ui.submitInput();
  await ui.fillInput(`BAR0 ${STORE_OFFSET}`, STORE_DATA);
  await ui.submitInput();
  await ui.dialog('Store 64 bytes to BAR0').waitFor();
}
