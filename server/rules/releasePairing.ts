import { calleesOf } from '../model/callees';
import type { FunctionModel } from '../model/c/fileModel';
import type { OpsTable } from '../model/opsTables';
import { callsOf } from '../model/paths';
import type { Project } from '../model/project';
import { reachableFrom } from '../model/regionOffsets';
import type { Rule } from './rule';

const initialises = 'vfio_pci_core_init_dev';
const releases = 'vfio_pci_core_release_dev';

/** Whether a slot is a function of the core or leads to it; undefined when unknown. */
function leadsTo(project: Project, table: OpsTable, slotName: string, wanted: string): boolean | undefined {
  const slot = table.slots.find(({ slot: name }) => name === slotName);
  if (!slot) return false;
  if (slot.value === wanted) return true;
  const definitions = project.definitions(slot.value, table.file);
  const [target] = definitions;
  if (!target || definitions.length > 1) return undefined;
  const reached = reachableFrom(project, target);
  if (reached.some((each) => calleesOf(each).has(wanted))) return true;
  return handsDeviceOn(project, target) ? undefined : false;
}

/** Whether a function passes its device to a function whose source is unknown. */
function handsDeviceOn(project: Project, target: FunctionModel): boolean {
  const device = target.parameters[0]?.name;
  return callsOf(target.flow, /./).some(
    ({ call, name }) =>
      !/^(container_of|to_\w+|dev_\w+|vfio_pci_core_\w+)$/.test(name) &&
      !project.resolve(name, target) &&
      call.args.some((arg) => arg.kind === 'name' && arg.name === device),
  );
}

/** Who initialises vfio-pci-core's device also releases it. See release-pairing.md. */
export const releasePairing: Rule = {
  id: 'release-pairing',
  severity: 'warning',
  title: 'vfio_pci_core_init_dev() in .init is balanced by vfio_pci_core_release_dev() in .release.',
  needs: 'file',
  *check({ project }, path) {
    for (const table of project.opsTables(path)) {
      const init = table.slots.find(({ slot }) => slot === 'init');
      if (
        !init ||
        table.isOpen ||
        !project.folderMentions(path, 'vfio_pci_') ||
        leadsTo(project, table, 'init', initialises) !== true
      )
        continue;
      if (leadsTo(project, table, 'release', releases) !== false) continue;
      const release = table.slots.find(({ slot }) => slot === 'release');
      const { start, end } = release ?? init;
      yield {
        path,
        start,
        end,
        rule: this.id,
        severity: this.severity,
        function: '',
        message: `${table.name} initialises its device with ${initialises}(), but ${release ? 'this function never calls' : 'has no .release that calls'} ${releases}(): the regions and the saved state of the device leak. Call it in .release.`,
        related: [],
      };
    }
  },
};
