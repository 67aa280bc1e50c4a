import { setFlagsFromString } from 'node:v8';

/**
 * In which major versions of Node.js each flag of V8 was seen to exist. V8 prints an error for a flag that it does not know and says
 * nowhere which it knows, so a version that is not listed gets none.
 */
const KNOWN = {
  '--sparkplug': [20, 22, 24, 26],
  '--interrupt-budget=400000': [20],
  '--no-wasm-tier-up': [20, 22, 24, 26],
  '--no-wasm-dynamic-tiering': [20, 22, 24, 26],
  '--heap-growing-percent=20': [20, 22, 24, 26],
  '--semi-space-growth-factor=1': [20, 22, 24, 26],
  '--wasm-lazy-compilation': [20, 22, 24, 26],
} as const satisfies Readonly<Record<string, readonly number[]>>;

/** Sets those flags that this version of Node.js has. */
export function setFlags(...flags: (keyof typeof KNOWN)[]): void {
  const major = Number(process.versions.node.split('.', 1)[0]);
  for (const flag of flags) if ((KNOWN[flag] as readonly number[]).includes(major)) setFlagsFromString(flag);
}
