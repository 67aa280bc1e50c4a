import { subexpressions } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { OpsTable } from '../model/opsTables';
import type { Analysis, Finding, Rule } from './rule';
import { at } from './report';

const request = 'VFIO_DEVICE_GET_REGION_INFO';
const newSlot = /^get_region_info(_caps)?$/;

/** Where an ioctl handler looks for the request: a case, or a comparison. */
function placesOf(target: FunctionModel): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  if (!target.text.includes(request)) return found;
  for (const node of target.flow?.nodes ?? []) {
    if (node.kind === 'switch')
      for (const arm of node.arms)
        if (arm.low.kind === 'name' && arm.low.name === request) found.push(arm.label);
    if (node.kind === 'branch')
      for (const part of subexpressions(node.condition))
        if (
          part.kind === 'binary' &&
          part.operator === '==' &&
          [part.left, part.right].some((side) => side.kind === 'name' && side.name === request)
        )
          found.push(part);
  }
  return found;
}

/** Whether the kernel these files belong to asks a slot of its own for region info. */
function kernelAsksSlot({ project }: Analysis): boolean {
  return project.paths.some((path) =>
    project.opsTables(path).some((table) => table.slots.some(({ slot }) => newSlot.test(slot))),
  );
}

/** Where the kernel asks .get_region_info_caps, .ioctl never sees the request. See ops-region-info-dead.md. */
export const opsRegionInfoDead: Rule = {
  id: 'ops-region-info-dead',
  severity: 'warning',
  title: 'VFIO_DEVICE_GET_REGION_INFO is answered in .get_region_info_caps.',
  needs: 'file',
  *check(analysis, path): Generator<Finding> {
    const { project } = analysis;
    const tables = project.opsTables(path);
    // A file for several kernels answers in both places, and which one is built is unknown.
    if (tables.length === 0 || project.mentions(path, 'LINUX_VERSION_CODE') || !kernelAsksSlot(analysis))
      return;
    for (const table of tables) {
      const ioctl = table.slots.find(({ slot }) => slot === 'ioctl');
      const info = table.slots.find(({ slot }) => newSlot.test(slot));
      if (!ioctl) continue;
      for (const target of project.definitions(ioctl.value, table.file))
        for (const place of placesOf(target))
          yield at(
            this,
            target,
            place,
            `This code is never reached: the kernel answers ${request} through .get_region_info_caps${info ? '. Remove it' : `, which ${table.name} lacks. User space gets -EINVAL for every region. Move it there`}.`,
          );
      if (!info && table.nameSpan && isComplete(table) && analysis.family.isPciCore(table))
        yield {
          path,
          ...table.nameSpan,
          rule: this.id,
          severity: this.severity,
          function: '',
          message: `${table.name} has no .get_region_info_caps: user space gets -EINVAL for every region. Set it to vfio_pci_ioctl_get_region_info.`,
          related: [],
        };
    }
  },
};

/** Whether a table serves devices as they are opened, and is not a part that something else completes. */
function isComplete(table: OpsTable): boolean {
  if (table.isOpen) return false;
  return ['open_device', 'ioctl', 'init'].every((name) => table.slots.some(({ slot }) => slot === name));
}
