import type { FunctionModel } from '../model/c/fileModel';
import type { Place } from '../model/execute/values';
import { coreOffsetShift } from '../model/kernel/kernelNames';
import type { OpsTable } from '../model/opsTables';
import type { Project } from '../model/project';
import { accessAnswers, accessHandlers, decodeShift, type AccessHandler } from '../model/regionAccess';
import { answersFor, regionInfoHandlers, type RegionInfoHandler } from '../model/regionInfo';
import { constantOf, decodesIn, reachableFrom } from '../model/regionOffsets';
import { subexpressions, type Expression } from '../model/c/expressions';
import { expressionsOf } from '../model/c/flow';
import type { Edit, Fix } from './rule';
import { deviceSpecific, failures, locationOf, tellingFailures } from './unknownIndex';

/** What stands in for a refusal: the text of the statements, and whether they need braces around them. */
interface Replacement {
  readonly lines: readonly string[];
  readonly block: boolean;
}

/** The parameter of a function whose type fits. */
function parameter(target: FunctionModel, type: RegExp): string | undefined {
  return target.parameters.find((each) => type.test(each.type))?.name;
}

/** The expression for the struct vfio_device in a function, from one of its parameters. */
function vfioDevice(target: FunctionModel): string | undefined {
  const plain = parameter(target, /\bstruct\s+vfio_device\s*\*/);
  const core = parameter(target, /\bstruct\s+vfio_pci_core_device\s*\*/);
  return plain ?? (core && `&${core}->vdev`);
}

function indentationAt(target: FunctionModel, offset: number): string {
  const { text } = target.file.source;
  const line = text.lastIndexOf('\n', target.item.start + offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line))?.[0] ?? '';
}

/** Whether nothing but constants are stored and returned inside a span, so that it can be replaced. */
function onlyRefuses(target: FunctionModel, start: number, end: number): boolean {
  const inside = (span: { start: number; end: number }): boolean => span.start >= start && span.end <= end;
  const plain = (expression: Expression | undefined): boolean =>
    expression === undefined || ![...subexpressions(expression)].some((part) => part.kind === 'call');
  return (target.flow?.nodes ?? []).every((node) => {
    if (node.kind === 'evaluate') return !inside(node.expression) || plain(node.expression);
    if (node.kind === 'return') return !inside(node.span) || plain(node.value);
    if (node.kind === 'branch' || node.kind === 'switch') return !inside(node.header);
    return true;
  });
}

/** Replaces a refusal by statements: the arm of a `default`, or one `return`. */
function replaceRefusal(place: Place, replacement: Replacement): Edit | undefined {
  const target = place.function;
  const write = (from: number, to: number, indent: string, lines: readonly string[]): Edit => ({
    ...locationOf({ function: target, start: from, end: to }),
    text: lines.map((line) => (line === '' ? '' : indent + line)).join('\n'),
  });
  for (const node of target.flow?.nodes ?? []) {
    if (node.kind === 'switch' && node.fallback?.label.start === place.start) {
      const { label, arm } = node.fallback;
      if (!onlyRefuses(target, label.end, arm.end)) return undefined;
      const indent = indentationAt(target, label.start);
      const body = replacement.lines.map((line) => (line === '' ? '' : `\t${line}`));
      const lines = replacement.block ? [' {', ...body, '}'] : ['', ...body];
      const edit = write(label.end, arm.end, indent, lines.slice(1));
      return { ...edit, text: `${lines[0]}\n${edit.text}` };
    }
    if (node.kind === 'return' && node.span.start === place.start) {
      const indent = indentationAt(target, node.span.start);
      const [first = '', ...rest] = replacement.block
        ? ['{', ...replacement.lines.map((line) => (line === '' ? '' : `\t${line}`)), '}']
        : replacement.lines;
      const edit = write(node.span.start, node.span.end, indent, rest);
      return { ...edit, text: rest.length > 0 ? `${first}\n${edit.text}` : first };
    }
  }
  return undefined;
}

/** The macro or function with which a handler encodes an offset for a shift, as a function of the index. */
function encoder(project: Project, handler: RegionInfoHandler, shift: number): string | undefined {
  for (const target of reachableFrom(project, handler.function))
    for (const expression of target.flow ? expressionsOf(target.flow) : [])
      for (const part of subexpressions(expression)) {
        if (part.kind !== 'assign' || part.target.kind !== 'member' || part.target.field !== 'offset')
          continue;
        if (part.value.kind === 'call' && part.value.callee.kind === 'name')
          return `${part.value.callee.name}(info->index)`;
        if (part.value.kind === 'binary' && constantOf(project, part.value.right, target) === shift)
          return `(u64)info->index << ${shift}`;
      }
  return undefined;
}

/** The edits that make the region info handler delegate; none when it does already, undefined when it is not certain how. */
function infoEdits(project: Project, handler: RegionInfoHandler, shift: number): Edit[] | undefined {
  if (handler.style !== 'info') return undefined;
  const target = handler.function;
  const device = parameter(target, /\bstruct\s+vfio_device\s*\*/);
  const info = parameter(target, /\bvfio_region_info\b/);
  const caps = parameter(target, /\bvfio_info_cap\b/);
  if (!device || !info || !caps) return undefined;
  const call = `vfio_pci_ioctl_get_region_info(${device}, ${info}, ${caps})`;
  const own = shift === coreOffsetShift ? undefined : encoder(project, handler, shift);
  if (shift !== coreOffsetShift && !own) return undefined;
  const delegate: Replacement = own
    ? {
        block: true,
        lines: [
          `int err = ${call};`,
          '',
          'if (err)',
          '\treturn err;',
          `${info}->offset = ${own.replace('info->', `${info}->`)};`,
          'return 0;',
        ],
      }
    : { block: false, lines: [`return ${call};`] };
  const edits = new Map<number, Edit>();
  for (const index of deviceSpecific) {
    const answers = answersFor(project, handler, index);
    for (const { place } of tellingFailures(failures(answers, index), true)) {
      const edit = place.function === target ? replaceRefusal(place, delegate) : undefined;
      if (!edit) return undefined;
      edits.set(edit.start, edit);
    }
    for (const answer of answers ?? []) {
      if (answer.kind !== 'delegated' || answer.writesOffset || !own || !answer.delegatedAt) continue;
      const at = answer.delegatedAt;
      const node = target.flow?.nodes.find(
        (each) => each.kind === 'return' && each.value?.start === at.start && each.value.end === at.end,
      );
      if (node?.kind !== 'return' || at.function !== target) continue;
      const edit = replaceRefusal({ function: target, ...node.span }, delegate);
      if (!edit) return undefined;
      edits.set(edit.start, edit);
    }
  }
  return [...edits.values()];
}

/** Which of a function's parameters says that it is a write; what the wrappers pass proves it. */
function direction(
  project: Project,
  handlers: readonly AccessHandler[],
  target: FunctionModel,
): string | undefined {
  const at = target.parameters.findIndex((each) => /\bbool\b/.test(each.type));
  if (at < 0) return undefined;
  const proved = handlers.every((handler) =>
    [...(handler.function.flow ? expressionsOf(handler.function.flow) : [])]
      .flatMap((expression) => [...subexpressions(expression)])
      .some((part) => {
        if (part.kind !== 'call' || part.callee.kind !== 'name' || part.callee.name !== target.name)
          return false;
        const arg = part.args[at];
        const value = arg && constantOf(project, arg, handler.function);
        return value === (handler.slot.slot === 'write' ? 1 : 0);
      }),
  );
  return proved ? target.parameters[at]?.name : undefined;
}

/** What hands an access on to the core. */
function delegateAccess(
  project: Project,
  handlers: readonly AccessHandler[],
  target: FunctionModel,
  shift: number,
): Replacement | undefined {
  const device = vfioDevice(target);
  const buffer = parameter(target, /^(?:(?!\bchar\b)[^])*\bchar\b.*\*/);
  const count = parameter(target, /\bsize_t\b/);
  const position = parameter(target, /\bloff_t\s*\*/);
  if (!device || !buffer || !count || !position) return undefined;
  const own = handlers.find((handler) => handler.function === target);
  const isWrite = own ? undefined : direction(project, handlers, target);
  if (!own && !isWrite) return undefined;
  const call = (name: string, at: string): string =>
    `vfio_pci_core_${name}(${device}, ${buffer}, ${count}, ${at})`;
  if (shift === coreOffsetShift)
    return own
      ? { block: false, lines: [`return ${call(own.slot.slot, position)};`] }
      : {
          block: false,
          lines: [
            `if (${isWrite})`,
            `\treturn ${call('write', position)};`,
            `return ${call('read', position)};`,
          ],
        };
  const decoder = decodesIn(project, target).find((use) => use.shift === shift);
  if (!decoder) return undefined;
  const index = target.text.slice(decoder.place.start, decoder.place.end);
  const transfer = own
    ? [`done = ${call(own.slot.slot, '&core_pos')};`]
    : [
        `if (${isWrite})`,
        `\tdone = ${call('write', '&core_pos')};`,
        'else',
        `\tdone = ${call('read', '&core_pos')};`,
      ];
  return {
    block: true,
    lines: [
      `u64 region_index = ${index};`,
      `loff_t region_pos = *${position} & (((u64)1 << ${shift}) - 1);`,
      'loff_t core_pos;',
      'ssize_t done;',
      '',
      "/* The core's encoding leaves less room for a position. */",
      'if (region_pos > VFIO_PCI_OFFSET_MASK)',
      '\treturn -EINVAL;',
      'core_pos = VFIO_PCI_INDEX_TO_OFFSET(region_index) | region_pos;',
      ...transfer,
      'if (done > 0)',
      `\t*${position} += done;`,
      'return done;',
    ],
  };
}

/** The edits that make .read and .write delegate. */
function accessEdits(
  project: Project,
  handlers: readonly AccessHandler[],
  shift: number,
): Edit[] | undefined {
  const edits = new Map<string, Edit>();
  for (const handler of handlers)
    for (const index of deviceSpecific)
      for (const { place } of tellingFailures(
        failures(accessAnswers(project, handler, index), index),
        true,
      )) {
        const replacement = delegateAccess(project, handlers, place.function, shift);
        const edit = replacement && replaceRefusal(place, replacement);
        if (!edit) return undefined;
        edits.set(`${edit.path}:${edit.start}`, edit);
      }
  return [...edits.values()];
}

/** Several findings of a table share its fix. */
const fixes = new WeakMap<Project, Map<OpsTable, Fix | undefined>>();

/**
 * One change that is right on both sides: the region info handler delegates and encodes the offset again, and the read
 * and write functions hand the same regions on. Undefined where only one side could be changed.
 */
export function unknownIndexFix(project: Project, table: OpsTable): Fix | undefined {
  const known = fixes.get(project) ?? new Map<OpsTable, Fix | undefined>();
  fixes.set(project, known);
  if (!known.has(table)) known.set(table, makeFix(project, table));
  return known.get(table);
}

function makeFix(project: Project, table: OpsTable): Fix | undefined {
  const [handler, ...others] = regionInfoHandlers(project, table);
  if (!handler || others.length > 0) return undefined;
  const handlers = accessHandlers(project, table);
  const shifts = new Set(handlers.map((each) => decodeShift(project, each.function) ?? coreOffsetShift));
  const [shift = coreOffsetShift, ...different] = shifts;
  if (different.length > 0) return undefined;
  const info = infoEdits(project, handler, shift);
  const access = accessEdits(project, handlers, shift);
  if (!info || !access || info.length + access.length === 0) return undefined;
  const own = shift !== coreOffsetShift;
  return {
    title: own
      ? 'Pass other regions to vfio-pci-core: in region info (offset encoded again), read and write'
      : 'Pass other regions to vfio-pci-core',
    safe: !own && access.length === 0,
    edits: [...info, ...access].sort((a, b) => a.start - b.start),
  };
}
