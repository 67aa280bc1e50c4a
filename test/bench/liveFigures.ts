/** How soon the list of functions follows the kernel of a simulated host. */
import { buildHelper } from '../../helper/build';
import { startLab } from '../../lab/machine/api';
import type { SetupContext } from '../../setup/context';
import { Guest } from '../../lab/machine/guestPrograms';
import { benchHost } from './benchHost';
import { median, type Figure } from './figure';

const ROUNDS = 10;

export async function liveFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const helperFile = await buildHelper(setup, root);
  const lab = await startLab({ setup });
  let changed: () => void = () => undefined;
  const host = benchHost(lab, helperFile, () => changed());
  const guest = await Guest.login(lab);
  const device = `/sys/bus/pci/devices/${lab.bdf}`;
  /** From when the guest says that it has written, which is later than it wrote: so less than 0 is possible. */
  const seen = async (command: string, driver: string | null): Promise<number> => {
    let at: number | undefined;
    const shown = new Promise<void>((resolve) => {
      changed = () => {
        if (host.find(lab.bdf).driver !== driver) return;
        at ??= performance.now();
        resolve();
      };
    });
    await guest.run(command);
    const written = performance.now();
    await shown;
    return (at ?? NaN) - written;
  };
  try {
    await host.connect();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bind = `echo ism_vfio_pci > ${device}/driver_override; echo ${lab.bdf} > /sys/bus/pci/drivers_probe`;
      times.push(await seen(bind, 'ism_vfio_pci'));
      const unbind = `echo > ${device}/driver_override; echo ${lab.bdf} > ${device}/driver/unbind`;
      times.push(await seen(unbind, null));
    }
    return [
      { name: 'a bind or unbind shows in the list, median', value: median(times), unit: 'ms' },
      { name: `the worst of ${times.length}`, value: Math.max(...times), unit: 'ms', budget: 1000 },
    ];
  } finally {
    changed = () => undefined;
    guest.leave();
    host.dispose();
    await lab.stop();
  }
}
