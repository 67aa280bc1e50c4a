import { calleesOf } from '../model/callees';
import { isBeforeInit } from '../model/driverAge';
import { reachableFrom } from '../model/regionOffsets';
import type { Rule } from './rule';

const consequences = {
  err_handler: 'user space is not notified of device errors. Set it to &vfio_pci_core_err_handlers.',
  driver_managed_dma:
    'the kernel claims the DMA of the device, and user space cannot use its group. Set it to true.',
} as const;

const slots = ['err_handler', 'driver_managed_dma'] as const;

/** A pci_driver on vfio-pci-core lets the core hear of errors. See missing-err-handler.md. */
export const missingErrHandler: Rule = {
  id: 'missing-err-handler',
  severity: 'info',
  title: 'A pci_driver on vfio-pci-core sets .err_handler and .driver_managed_dma.',
  needs: 'file',
  *check({ project }, path) {
    for (const table of project.pciDrivers(path)) {
      const slot = (name: string): boolean =>
        table.slots.some((each) => each.slot === name && !/^(false|NULL|0)$/.test(each.value));
      const probe = table.slots.find((each) => each.slot === 'probe');
      if (!probe || !table.nameSpan || table.isOpen) continue;
      const registers = project
        .definitions(probe.value, table.file)
        .flatMap((each) => reachableFrom(project, each, 2))
        .some((each) => calleesOf(each).has('vfio_pci_core_register_device'));
      if (!registers) continue;
      const missing = slots.filter(
        (name) => !slot(name) && (name === 'err_handler' || !isBeforeInit(project, path)),
      );
      if (missing.length === 0) continue;
      yield {
        path,
        ...table.nameSpan,
        rule: this.id,
        severity: this.severity,
        function: '',
        message: missing.map((name) => `${table.name} has no .${name}: ${consequences[name]}`).join(' '),
        related: [],
      };
    }
  },
};
