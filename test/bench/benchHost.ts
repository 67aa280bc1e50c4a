/** A guest of a lab as the explorer has it, for the bench. */
import { Host } from '../../client/hosts/host';
import { openSession } from '../../client/helper/remote';
import type { Lab } from '../../lab/machine/api';
import { answering, noMemory } from '../support/person';

/** @param onChange called when its state or list has changed */
export function benchHost(lab: Lab, helperFile: string, onChange: () => void = () => undefined): Host {
  const host = new Host({ name: 'lab', destination: lab.alias }, () =>
    openSession({
      ...{ destination: lab.alias, sshConfigFile: lab.sshConfigFile, helperFile },
      ...{ prompts: answering(), trust: noMemory, report: () => undefined },
    }),
  );
  host.onDidChange(onChange);
  return host;
}
