/** A function that SMC-D uses between two guests, taken from ism by force and given back, clicked in the workbench. */
import assert from 'node:assert/strict';
import type { Stage } from '../../workbench/stage';
import { openSetup } from '../../setup/context';
import { Guest, installProgram } from '../../lab/machine/guestPrograms';
import type { Step } from '../../workbench/runJob';
import type { WorkbenchPage } from '../../workbench/workbenchPage';

const PORT = 5001;

/** Needs two guests, whose functions no program has open; leaves the functions with ism. */
export async function inUseJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  if (lab.kernel === 'debian') {
    console.log('    Use by SMC-D is left out: the kernel of the guests has none.');
    return;
  }
  const question = `Bind ${lab.bdf} on ${lab.alias}`;
  const plan = async (): Promise<void> => {
    await ui.command('ISM: Bind to ism-vfio-pci');
    await ui.choose(lab.bdf);
    await ui.submitInput();
  };
  const asked = async (): Promise<string> => {
    await ui.dialog(question).waitFor();
    return (await ui.dialog(question).textContent()) ?? '';
  };
  const [near, far] = await Promise.all([Guest.login(lab, 'root', 1), Guest.login(lab, 'root', 2)]);
  try {
    await step('what SMC-D uses says so in the plan, and Cancel leaves the connection alone', async () => {
      for (const [index, guest] of [near, far].entries()) {
        for (const { bdf } of lab.functions.filter((fn) => fn.guest === index + 1)) {
          const device = `/sys/bus/pci/devices/${bdf}`;
          await guest.run(`echo > ${device}/driver_override; echo ${bdf} > ${device}/driver/unbind`);
        }
        await guest.run('load-ism');
        await installProgram(openSetup(), guest, 'smcPeer');
      }
      const server = await far.converse(`/tmp/smcPeer serve ${PORT}`);
      assert.equal(await server.next(), 'listening');
      const client = await near.converse(`/tmp/smcPeer connect ${lab.guests[1]?.address ?? ''} ${PORT}`);
      assert.equal(await client.next(), 'connected');
      await ui.reload();
      await ui.row(lab.alias).waitFor();
      await ui.inlineAction(lab.alias, 'Connect', ui.row(/· ism ·/));
      await plan();
      assert.match(await asked(), /carries 1 SMC-D link group with 1 connection now/);
      await ui.screenshot('73-in-use');
      await ui.answerDialog(question, 'Cancel');
      assert.equal(await client.ask('1000'), 'same');
      await client.end();
    });

    await step('Bind Although in Use takes it from ism, and restoring gives it back', async () => {
      await plan();
      assert.match(await asked(), /link group without connections, kept for reuse/);
      await ui.answerDialog(question, 'Bind Although in Use');
      await ui.notification(`${lab.bdf} is bound to ism_vfio_pci`).waitFor();
      await ui.row(/ism_vfio_pci · vfio ready/).waitFor();
      await ui.clearNotifications();
      await ui.command('ISM: Restore Driver');
      await ui.answerDialog(`Restore ${lab.bdf} on ${lab.alias} to what it was: ism?`, 'Restore');
      await ui.notification(`Restored ${lab.bdf} to ism`).waitFor();
      await ui.row(/ism_vfio_pci/).waitFor({ state: 'detached' });
    });
  } finally {
    near.leave();
    far.leave();
  }
}
