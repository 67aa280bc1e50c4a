import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';
import { cacheFolder, CodeCache } from './codeCache';
import { setFlags } from './v8Flags';

// The grammar is 600 KB of WASM, and a run needs a fraction of it: what is not called is not compiled. Newer versions of
// V8 do so by themselves.
setFlags('--wasm-lazy-compilation');

/** A CommonJS module as Node.js calls it. */
type ModuleFunction = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  file: string,
  folder: string,
) => void;

/** What the bundles that ran export: as with Node.js, each runs once. */
const ran = new Map<string, object>();

/**
 * Runs a bundle, and the bundles beside it that it requires, from what V8 compiled in an earlier run. The first run keeps
 * what it compiled when it ends: by then V8 has compiled what such runs need.
 * @param file the bundle, a CommonJS file
 * @returns what it exports
 */
export function runProgram(file: string): object {
  const known = ran.get(file);
  if (known) return known;
  const code = readFileSync(file, 'utf8').replace(/^#!.*/, '');
  const folder = cacheFolder();
  const cache = folder === undefined ? undefined : new CodeCache(folder, file);
  const cachedData = cache?.read();
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const script = new Script(wrapped, { filename: file, cachedData });
  if (cache && (cachedData === undefined || script.cachedDataRejected))
    process.once('exit', () => cache.write(script.createCachedData()));
  const nodeRequire = createRequire(file);
  const own = (name: string): unknown =>
    name.startsWith('./') ? runProgram(path.join(path.dirname(file), name)) : nodeRequire(name);
  const module = { exports: {} };
  (script.runInThisContext() as ModuleFunction)(module.exports, own, module, file, path.dirname(file));
  ran.set(file, module.exports);
  return module.exports;
}
