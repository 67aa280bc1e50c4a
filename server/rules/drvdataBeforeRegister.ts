import { isBeforeInit } from '../model/driverAge';
import { callsOf, partsAt, reachable } from '../model/paths';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowNode } from '../model/c/flow';
import type { Project } from '../model/project';
import { reachableFrom } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';

const sets = /^(dev_set_drvdata|pci_set_drvdata)$/;

function setsIt(project: Project, target: FunctionModel, node: FlowNode): boolean {
  return partsAt(node).some((part) => {
    // What dev_set_drvdata() does, as some write it out.
    if (part.kind === 'assign' && part.target.kind === 'member' && part.target.field === 'driver_data')
      return true;
    if (part.kind !== 'call' || part.callee.kind !== 'name') return false;
    if (sets.test(part.callee.name)) return true;
    const callee = project.resolve(part.callee.name, target);
    if (callee === undefined || callee === target) return false;
    return reachableFrom(project, callee, 2).some((each) => callsOf(each.flow, sets).length > 0);
  });
}

/** vfio_pci_core_register_device() insists on the driver data. See drvdata-before-register.md. */
export const drvdataBeforeRegister: Rule = {
  id: 'drvdata-before-register',
  severity: 'error',
  title: 'Driver data is set before vfio_pci_core_register_device().',
  needs: 'driver',
  *check({ project }, path) {
    for (const target of project.units(path, 'vfio_pci_core_register_device')) {
      const { flow } = target;
      for (const { id, call } of callsOf(flow, /^vfio_pci_core_register_device$/)) {
        if (!flow || target.name === 'vfio_pci_core_register_device') continue;
        const unset = reachable(
          flow,
          [flow.entry],
          (node, each) => each !== id && setsIt(project, target, node),
        );
        const callersSet = project.callersOf(target).some((caller) => callsOf(caller.flow, sets).length > 0);
        if (unset.has(id) && !callersSet && !isBeforeInit(project, path))
          yield at(
            this,
            target,
            call,
            'The device is registered before dev_set_drvdata(). vfio_pci_core_register_device() fails with -EINVAL unless the driver data is the struct vfio_pci_core_device. Call dev_set_drvdata() first.',
          );
      }
    }
  },
};
