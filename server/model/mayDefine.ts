/** Definitions whose parentheses hold more than this are not told from calls. */
const maxLength = 4000;

const isWordPart = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code >= 128;

/** Behind the parentheses that open at an offset; -1 when only the lexer could say where they close. */
function behindParentheses(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length && at < open + maxLength; at++)
    switch (text.charAt(at)) {
      case '(':
        depth++;
        break;
      case ')':
        if (--depth === 0) return at + 1;
        break;
      case '"':
      case "'":
      case '/':
      case '#':
        return -1;
    }
  return -1;
}

/** Whether what stands behind a name may be parameters, annotations and the brace of a body. */
function beginsBody(text: string, from: number): boolean {
  let at = from;
  let parameters = false;
  for (;;) {
    const letter = text.charAt(at);
    if (letter === '(') {
      at = behindParentheses(text, at);
      if (at < 0) return true;
      parameters = true;
    } else if (letter === '/' || letter === '#') return true;
    else if (/^[\s\\]$/.test(letter)) at++;
    // Between a name and its parameters nothing stands; behind them annotations do.
    else if (parameters && isWordPart(text.charCodeAt(at))) at++;
    else return parameters && letter === '{';
  }
}

/**
 * Whether a text may define a function, for a look before it is read as C: a file that only calls it need not be split.
 * @param text the text of a file
 * @param name the function
 * @returns false when no function item can have this name; true may mean no more than a doubt
 */
export function mayDefine(text: string, name: string): boolean {
  // In half-typed text a callee can be without a name.
  if (name === '') return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (isWordPart(text.charCodeAt(at - 1)) || isWordPart(text.charCodeAt(end))) continue;
    if (beginsBody(text, end)) return true;
  }
  return false;
}
