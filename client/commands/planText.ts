/** A plan in words and in lines of a shell, so that a person sees what will be written before it is. */
import type { PlannedBind, SysfsWrite } from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';

/** A plan and the name of the host that it is for. */
export interface HostPlan {
  readonly hostName: string;
  readonly plan: PlannedBind;
}

/** What a person would type as root to do the same. Paths and values are the helper's: made harmless, never run. */
export function shellLine({ path, value }: SysfsWrite): string {
  return value === '' ? `echo > ${neutralise(path)}` : `echo ${neutralise(value)} > ${neutralise(path)}`;
}

const sentence = (text: string): string => {
  const clean = neutralise(text);
  return `${clean.charAt(0).toUpperCase()}${clean.slice(1)}${clean.endsWith('.') ? '' : '.'}`;
};

/** The warnings of some plans, the gravest first. */
export function warningLines(plans: readonly HostPlan[]): string[] {
  // Where nothing else is done, nothing is left out.
  const others = plans.some(({ plan }) => plan.gravest !== 'refuse');
  const order = { refuse: 0, force: 1, note: 2 };
  return plans
    .flatMap(({ plan }) => plan.warnings)
    .sort((a, b) => order[a.level] - order[b.level])
    .map(({ level, message }) =>
      level === 'refuse' && others
        ? `Left out: ${sentence(message)}`
        : level === 'force'
          ? `Warning: ${sentence(message)}`
          : sentence(message),
    );
}

/** The writes of all plans, a line each. */
export function writeLines(plans: readonly HostPlan[]): string[] {
  return plans
    .filter(({ plan }) => plan.gravest !== 'refuse')
    .flatMap(({ plan }) => plan.writes.map(shellLine));
}

/**
 * Everything that is known of some plans, for a document.
 *
 * @param restoring they bring back what was there before, which nothing else undoes than a failure
 */
export function planDocument(plans: readonly HostPlan[], restoring = false): string {
  const lines: string[] = [];
  for (const one of plans) {
    const { plan, hostName } = one;
    const { present } = plan;
    const none = 'none';
    lines.push(`# ${plan.address}, ${hostName}`);
    lines.push(
      `# driver now: ${neutralise(present.driver ?? none)}, driver_override now: ${neutralise(present.driverOverride ?? none)}`,
    );
    lines.push(...warningLines([one]).map((line) => `# ${line}`));
    if (plan.gravest === 'refuse' || plan.writes.length === 0) lines.push(`# ${'Nothing will be written.'}`);
    else {
      lines.push(...plan.writes.map(shellLine));
      const undone = restoring
        ? 'After a failure, as far as it is needed:'
        : 'After a failure, as far as it is needed, and by Restore Driver:';
      lines.push('', `# ${undone}`);
      lines.push(...plan.rollback.map((write) => `#   ${shellLine(write)}`));
    }
    lines.push('');
  }
  return lines.join('\n');
}
