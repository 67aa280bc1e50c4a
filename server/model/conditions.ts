import type { Expression } from './c/expressions';
import { bare, nameOfExpression } from './paths';

/** An expression without casts, likely() and unlikely() around it. */
function core(expression: Expression): Expression {
  const plain = bare(expression);
  const [first] = plain.kind === 'call' ? plain.args : [];
  return plain.kind === 'call' &&
    nameOfExpression(plain.callee)?.match(/^(un)?likely$|^WARN_ON(_ONCE)?$/) &&
    first
    ? core(first)
    : plain;
}

/**
 * What a condition says about a variable where it is true: that it is zero, or not zero.
 * @returns undefined when it says neither
 */
export function conditionOn(condition: Expression, name: string): 'zero' | 'nonzero' | undefined {
  const plain = core(condition);
  if (plain.kind === 'assign' && nameOfExpression(plain.target) === name) return 'nonzero';
  if (nameOfExpression(plain) === name) return 'nonzero';
  if (plain.kind === 'unary' && plain.operator === '!') {
    const inner = conditionOn(plain.operand, name);
    return inner && (inner === 'zero' ? 'nonzero' : 'zero');
  }
  if (plain.kind !== 'binary') return undefined;
  const { operator } = plain;
  const zero = bare(plain.right);
  const left = core(plain.left);
  const subject = left.kind === 'assign' ? nameOfExpression(left.target) : nameOfExpression(left);
  if (subject !== name || zero.kind !== 'number' || zero.value !== 0) return undefined;
  if (operator === '==' || operator === '>=' || operator === '<=')
    return operator === '==' ? 'zero' : undefined;
  return /^(!=|<|>)$/.test(operator) ? 'nonzero' : undefined;
}

/** What a condition says where it is true about whether a pointer is an error: IS_ERR(x) or its opposite. */
export function errorPointerTest(condition: Expression, name: string): 'error' | 'fine' | undefined {
  const plain = core(condition);
  if (plain.kind === 'unary' && plain.operator === '!') {
    const inner = errorPointerTest(plain.operand, name);
    return inner && (inner === 'error' ? 'fine' : 'error');
  }
  if (nameOfExpression(plain) === name) return 'fine';
  if (plain.kind !== 'call') return undefined;
  const [first] = plain.args;
  const callee = nameOfExpression(plain.callee) ?? '';
  return /^IS_ERR(_OR_NULL)?$/.test(callee) && nameOfExpression(first) === name ? 'error' : undefined;
}
