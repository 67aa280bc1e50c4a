/** Compares names by the numbers in them, so that linux-image-7.10 comes after linux-image-7.9. */
export function compareByNumbers(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.match(/\d+/g)?.map(BigInt) ?? []) as [bigint[], bigint[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [left = -1n, right = -1n] = [x[i], y[i]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The name with the highest numbers, or undefined when there is none. */
export function newest(names: readonly string[]): string | undefined {
  return [...names].sort(compareByNumbers).at(-1);
}
