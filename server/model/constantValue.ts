import { lex, TokenKind, type TokenList } from '../syntax/lexer/tokens';
import { numberValue } from './lowerExpression';

/** How tightly the binary operators of a constant bind. */
const precedence: Readonly<Record<string, number>> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};

function apply(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? undefined : Math.trunc(a / b);
    case '%':
      return b === 0 ? undefined : a % b;
    case '<<':
      return b >= 0 && b < 53 ? a * 2 ** b : undefined;
    case '>>':
      return b >= 0 && b < 53 ? Math.floor(a / 2 ** b) : undefined;
    case '|':
      return Number(BigInt(a) | BigInt(b));
    case '&':
      return Number(BigInt(a) & BigInt(b));
    case '^':
      return Number(BigInt(a) ^ BigInt(b));
  }
  return undefined;
}

/** Reads the body of a macro as a constant expression. */
class ConstantReader {
  private at = 0;

  constructor(
    private readonly tokens: TokenList,
    private readonly lookUp: (name: string) => number | undefined,
  ) {}

  read(): number | undefined {
    const value = this.binary(1);
    return this.at === this.tokens.length ? value : undefined;
  }

  private binary(level: number): number | undefined {
    let left = this.unary();
    for (;;) {
      const operator = this.tokens.spelling(this.at);
      const binds = precedence[operator];
      if (binds === undefined || binds < level) return left;
      this.at++;
      const right = this.binary(binds + 1);
      const value = left === undefined || right === undefined ? undefined : apply(operator, left, right);
      left = value !== undefined && Number.isSafeInteger(value) ? value : undefined;
    }
  }

  private unary(): number | undefined {
    const spelling = this.tokens.spelling(this.at++);
    if (spelling === '-') {
      const value = this.unary();
      return value === undefined ? undefined : -value;
    }
    if (spelling === '+') return this.unary();
    if (spelling === '(') {
      const inner = this.binary(1);
      if (this.tokens.spelling(this.at) !== ')') {
        this.at = -1;
        return undefined;
      }
      this.at++;
      // `(u64)1` is a cast: what is in the parentheses is no constant and something follows them.
      const follows = this.tokens.kind(this.at);
      const cast =
        follows === TokenKind.Number ||
        follows === TokenKind.Identifier ||
        this.tokens.spelling(this.at) === '(';
      return inner === undefined && cast ? this.unary() : inner;
    }
    const kind = this.tokens.kind(this.at - 1);
    if (kind === TokenKind.Number) return numberValue(spelling);
    if (kind !== TokenKind.Identifier) return undefined;
    return this.tokens.spelling(this.at) === '(' ? this.call(spelling) : this.lookUp(spelling);
  }

  /** BIT(n), the one macro with an argument that region masks are written with. */
  private call(name: string): number | undefined {
    this.at++;
    const argument = this.binary(1);
    if (this.tokens.spelling(this.at) !== ')') {
      this.at = -1;
      return undefined;
    }
    this.at++;
    return argument !== undefined && /^BIT(_ULL)?$/.test(name) ? apply('<<', 1, argument) : undefined;
  }
}

/**
 * The value of a constant expression such as the body of `#define LAST (FIRST + 8)`.
 * @param text the expression
 * @param lookUp gives the value of a name
 */
export function constantValue(
  text: string,
  lookUp: (name: string) => number | undefined,
): number | undefined {
  // Longer ones are tables of text or code, never the number of a region.
  return text.length > 500 ? undefined : new ConstantReader(lex(text).tokens, lookUp).read();
}
