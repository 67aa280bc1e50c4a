/** Try my driver on a simulated host: from a saved edit to the result. */
import { DriverSwitch } from '../../client/hosts/driverSwitch';
import { buildHelper } from '../../helper/build';
import { startLab } from '../../lab/machine/api';
import type { SetupContext } from '../../setup/context';
import { linuxSource } from '../../setup/linuxSource';
import { DriverTrials } from '../support/driverTrials';
import { forgetful } from '../support/formers';
import { benchHost } from './benchHost';
import { median, type Figure } from './figure';

const ROUNDS = 5;

export async function driverFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const helperFile = await buildHelper(setup, root);
  const source = await linuxSource(setup);
  const lab = await startLab({ setup });
  const trials = new DriverTrials(source.folder, lab.driverBuildFile);
  const host = benchHost(lab, helperFile);
  try {
    await host.connect();
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      trials.save(`${trials.unchanged}\n/* ${round} */\n`);
      const { ms, steps } = await trials.run({ host, drivers: new DriverSwitch(host, forgetful) });
      if (steps.get('log') !== '') throw new Error([...steps].join('; '));
      times.push(ms);
    }
    const [cold = NaN, ...warm] = times;
    return [
      {
        ...{ name: `Try my driver, from a saved edit to the result, median of ${ROUNDS}`, unit: 's' },
        ...{ value: median(warm) / 1000, budget: 20, note: `${lab.kernel} kernel` },
      },
      { name: 'its worst', value: Math.max(...warm) / 1000, unit: 's', budget: 20 },
      { name: 'the first time', value: cold / 1000, unit: 's' },
    ];
  } finally {
    host.dispose();
    trials.end();
    await lab.stop();
  }
}
