import { decodeCharset } from './transfer';

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** A name as git quotes one that is not plain ASCII: in double quotes, its bytes in octal. Others are as they are. */
export function unquoteName(text: string): string {
  const inner = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  if (inner === undefined) return text;
  if (!/\\/.test(inner)) return inner;
  const bytes = Buffer.from(inner, 'utf8')
    .toString('latin1')
    .replace(/\\([0-7]{3}|.)/g, (whole, code: string) =>
      code.length === 3 ? String.fromCharCode(parseInt(code, 8) & 0xff) : (escapes[code] ?? whole),
    );
  return decodeCharset(bytes);
}

/** A path of a header without its time, its quotes and the `a/` or `b/` before it. */
export function pathOf(text: string): string | undefined {
  const plain = unquoteName((text.split('\t', 1)[0] ?? '').trimEnd());
  return plain === '/dev/null' ? undefined : plain.replace(/^[abciow]\//, '');
}

/** The two names behind `diff --git`, quoted or not. */
export function gitNames(rest: string): [string, string] {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(rest);
  if (quoted?.[1] && quoted[2]) return [quoted[1], quoted[2]];
  // Both are the same but for a rename, and then other lines name them.
  const middle = (rest.length - 1) / 2;
  return [rest.slice(0, middle), rest.slice(middle + 1)];
}

/** What stands before the first `/` of a path. */
const folder = (file: string): string => file.slice(0, file.indexOf('/') + 1);

/**
 * The folders that `diff -ru linux.orig linux` writes before every path, as git writes `a/` and `b/`: what differs between
 * the two paths of a file that is not renamed.
 */
export function foreignPrefixes(
  files: readonly { readonly oldPath: string | undefined; readonly newPath: string | undefined }[],
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { oldPath = '', newPath = '' } of files) {
    const [before, behind] = [folder(oldPath), folder(newPath)];
    if (before === behind || !before || !behind) continue;
    if (oldPath.slice(before.length) === newPath.slice(behind.length)) found.add(before).add(behind);
  }
  return found;
}

/** A path without one of those folders. */
export function withoutPrefix(file: string | undefined, prefixes: ReadonlySet<string>): string | undefined {
  const first = file === undefined ? '' : folder(file);
  return prefixes.has(first) ? file?.slice(first.length) : file;
}
