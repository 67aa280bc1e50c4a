import { calleesOf } from '../model/callees';
import { isIsmDriver } from '../model/ismDriver';
import { regionAccessDelegates } from '../model/kernel/kernelNames';
import type { FunctionModel } from '../model/c/fileModel';
import type { Project } from '../model/project';
import { callsOf } from '../model/paths';
import { accessAnswers, accessHandlers } from '../model/regionAccess';
import { reachableFrom } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';
import { locationOf } from './unknownIndex';

const mio =
  /^(io(read|write)(8|16|32|64)(be|_rep)?|(read|write)[bwlq](_relaxed)?|memcpy_(from|to)io|memset_io|pci_iomap\w*|pci_ioremap_bar|vfio_pci_core_do_io_rw|vfio_pci_core_io(read|write)(8|16|32|64)|vfio_pci_core_setup_barmap)$/;
const why = 'the kernel uses MIO instructions for it, which an ISM function does not support';

/** The functions that macros of a file define: who calls them pastes their names together. */
function macrosOf(project: Project, path: string): FunctionModel[] {
  const file = project.file(path);
  return project.units(path, 'copy_').filter((each) => each.file !== file);
}

/** A driver of ISM functions reaches a BAR with function-handle instructions only. See zpci-mio-access.md. */
export const zpciMioAccess: Rule = {
  id: 'zpci-mio-access',
  severity: 'error',
  title: 'ISM drivers access BARs with __zpci_load() and __zpci_store_block().',
  needs: 'function',
  *check({ project, family }, path) {
    for (const table of project.opsTables(path)) {
      if (!isIsmDriver(project, table) || !family.isPciCore(table)) continue;
      for (const slot of table.slots)
        if (/^(read|write)$/.test(slot.slot) && regionAccessDelegates.has(slot.value))
          yield {
            path,
            start: slot.start,
            end: slot.end,
            rule: this.id,
            severity: this.severity,
            function: '',
            related: [],
            message: `${slot.value}() accesses the BARs as memory: ${why}. Use __zpci_load() and __zpci_store_block() for BARs.`,
          };
      for (const handler of accessHandlers(project, table)) {
        const reached = reachableFrom(project, handler.function);
        for (const target of reached.concat(macrosOf(project, path)))
          for (const { call, name } of callsOf(target.flow, mio))
            yield at(
              this,
              target,
              call,
              `${name}() accesses the device as memory: ${why}. Use __zpci_load() and __zpci_store_block().`,
            );
        // A driver that never names the core cannot reach it, and to follow an index costs most of what this rule costs.
        if (!reached.some((each) => [...regionAccessDelegates].some((name) => calleesOf(each).has(name))))
          continue;
        for (const index of [0, 2])
          for (const answer of accessAnswers(project, handler, index) ?? [])
            if (answer.kind === 'delegated' && answer.delegatedAt && answer.named)
              yield {
                ...locationOf(answer.delegatedAt),
                rule: this.id,
                severity: this.severity,
                function: answer.delegatedAt.function.name,
                related: [],
                message: `This passes a BAR to the core, which accesses it as memory: ${why}. Use __zpci_load() and __zpci_store_block() for BARs.`,
              };
      }
    }
  },
};
