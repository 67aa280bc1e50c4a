import { State } from '../model/execute/state';
import { number, Taint, unknown } from '../model/execute/values';
import { Walk } from '../model/execute/walk';
import { statementAround } from '../model/c/fileModel';
import type { Rule } from './rule';
import { locationOf } from './unknownIndex';

/** A number that no ioctl of vfio has, and ENOTTY, which says so. */
const nobody = (0x3b << 8) | 250;
const notty = 25;

/** An unknown ioctl is answered with -ENOTTY. See unknown-ioctl-errno.md. */
export const unknownIoctlErrno: Rule = {
  id: 'unknown-ioctl-errno',
  severity: 'info',
  title: 'Unknown ioctls are answered with -ENOTTY.',
  needs: 'function',
  *check({ project }, path) {
    for (const table of project.opsTables(path)) {
      const slot = table.slots.find((each) => each.slot === 'ioctl');
      for (const target of slot ? project.definitions(slot.value, table.file) : []) {
        const args = target.parameters.map((_, at) =>
          at === 1 ? number(nobody, Taint.Computed) : unknown(),
        );
        const ways = new Walk(project, nobody).run(target, args, new State()) ?? [];
        const answers = ways.flatMap(({ value, state }) =>
          state.delegated || value.kind !== 'number' || value.value >= 0 ? [] : [value],
        );
        // If one path is unknown, as in a stub, the answer to user space is unknown.
        const decided = ways.every(
          ({ value, state }) => !state.delegated && (value.kind === 'number' || value.taint === Taint.None),
        );
        if (!decided || !ways.some(({ state }) => state.decisions.length > 0)) continue;
        for (const { origin, value } of answers)
          if (value !== -notty && origin && (origin.decisions > 0 || answers.length === ways.length))
            yield {
              ...locationOf(statementAround(origin.place)),
              rule: this.id,
              severity: this.severity,
              function: origin.place.function.name,
              message:
                'An unknown ioctl is not answered with -ENOTTY here: user space cannot tell an unknown request from a failed one. Return -ENOTTY.',
              related: [],
            };
      }
    }
  },
};
