import { bareOperands } from '../model/macroOperands';
import type { Rule } from './rule';

/** The argument of a macro is in parentheses where it is an operand. See macro-arg-parens.md. */
export const macroArgParens: Rule = {
  id: 'macro-arg-parens',
  severity: 'info',
  needs: 'path',
  title: 'Macro parameters that are operands are in parentheses.',
  offByDefault:
    'In Linux 7.2 it reports VFIO_PLATFORM_OFFSET_TO_INDEX(), VFIO_CCW_OFFSET_TO_INDEX(), is_bar() and others that only ' +
    'receive *ppos or a name, which no operator splits. checkpatch --strict has the same check.',
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
        message: `${macro}() uses ${parameter} without parentheses: in an argument such as a + b, the operator binds to one half. Write (${parameter}).`,
        related: [],
      };
  },
};
