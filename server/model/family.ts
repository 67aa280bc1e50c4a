import { calleesOf } from './callees';
import type { FileModel, FunctionModel } from './c/fileModel';
import { handsOwnDeviceToCore, isPciCoreFunction } from './kernel/kernelNames';
import type { OpsTable } from './opsTables';
import type { Project } from './project';

/** How many calls deep a driver may hide that it uses vfio-pci-core. */
const maxDepth = 4;

/** Decides whether a driver is built on vfio-pci-core, by what it uses and not by the names of its regions. */
export class FamilyJudge {
  private readonly answers = new Map<OpsTable, boolean>();

  constructor(private readonly project: Project) {}

  /**
   * Whether the driver of a table of operations is built on vfio-pci-core: one of its slots is a function of the core,
   * or leads to one, or the driver registers a struct vfio_pci_core_device with this table.
   */
  isPciCore(table: OpsTable): boolean {
    let answer = this.answers.get(table);
    if (answer === undefined) {
      answer =
        table.slots.some((slot) => isPciCoreFunction(slot.value)) ||
        table.slots.some((slot) => this.leadsToCore(slot.value, table.file)) ||
        this.registersWithCore(table);
      this.answers.set(table, answer);
    }
    return answer;
  }

  private leadsToCore(name: string, from: FileModel): boolean {
    // Who is built on the core names it beside its table; without this, a driver that is not costs a walk through half of VFIO.
    if (!this.project.folderMentions(from.source.path, 'vfio_pci_')) return false;
    const seen = new Set<FunctionModel>();
    let level = this.project.definitions(name, from);
    for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
      const next: FunctionModel[] = [];
      for (const each of level) {
        if (seen.has(each)) continue;
        seen.add(each);
        const words = each.file.source.spellings(each.item);
        if (usesCore(words, each.file)) return true;
        for (const callee of calleesOf(each)) next.push(...this.project.definitions(callee, each.file));
      }
      level = next;
    }
    return false;
  }

  /** Whether a function that names the table also calls the core, as a probe function does. */
  private registersWithCore(table: OpsTable): boolean {
    return this.project.near(table.file.source.path, table.name).some((file) =>
      [...file.functions.values()].flat().some((each) => {
        const words = file.source.spellings(each.item);
        return words.includes(table.name) && usesCore(words, file);
      }),
    );
  }
}

/** Whether tokens call the core, or take a struct vfio_pci_core_device apart that holds the device itself. */
function usesCore(words: readonly string[], file: FileModel): boolean {
  return words.some((word, at) => {
    if (handsOwnDeviceToCore(word)) return true;
    if (word !== 'container_of' && word !== 'vfio_alloc_device') return false;
    const comma = words.indexOf(',', at);
    const tag = word === 'container_of' ? words[comma + 2] : words[at + 2];
    return tag === 'vfio_pci_core_device' || embedsCore(tag ?? '', file);
  });
}

/** Whether a file declares a struct that contains a struct vfio_pci_core_device, not only a pointer to one. */
function embedsCore(tag: string, file: FileModel): boolean {
  return file.source.items.some((item) => {
    if (item.kind !== 'declaration' || !file.source.spells(item, 'vfio_pci_core_device')) return false;
    const words = file.source.spellings(item);
    return (
      words[0] === 'struct' && words[1] === tag && words[words.indexOf('vfio_pci_core_device') + 1] !== '*'
    );
  });
}
