import { bareOperands } from '../model/macroOperands';
import type { Rule } from './rule';

/** The argument of a macro is in parentheses where it is an operand. See macro-arg-parens.md. */
export const macroArgParens: Rule = {
  id: 'macro-arg-parens',
  severity: 'info',
  needs: 'path',
  title: 'The argument of a macro stands in parentheses where it is an operand.',
  offByDefault:
    'In Linux 7.2 it reports VFIO_PLATFORM_OFFSET_TO_INDEX(), VFIO_CCW_OFFSET_TO_INDEX(), is_bar() and others that are only ' +
    'given *ppos or a name, which no operator splits; whoever wants it has checkpatch --strict.',
  *check({ project }, path) {
    const file = project.mentions(path, '#define') ? project.file(path) : undefined;
    for (const { macro, parameter, start, end } of file ? bareOperands(file) : [])
      yield {
        rule: this.id,
        severity: this.severity,
        path,
        start,
        end,
        function: macro,
        message: `${macro}() computes with ${parameter} as it is written: of an argument such as a + b the operator takes one half. Put it in parentheses.`,
        related: [],
      };
  },
};
