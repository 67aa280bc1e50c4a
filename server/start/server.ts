#!/usr/bin/env node
import { createRequire } from 'node:module';
import { keepCompiledCode } from './compileCache';
import { refusal } from './transports';
import { setFlags } from './v8Flags';

// A workspace of many large files keeps little garbage beside what it uses.
setFlags('--heap-growing-percent=20', '--semi-space-growth-factor=1');
// The grammar is 600 KB of WASM, and a session needs a fraction of it. Newer versions of V8 compile functions when they are called.
setFlags('--wasm-lazy-compilation');

const refused = refusal(process.argv.slice(2));
if (refused) {
  (refused.code === 0 ? process.stdout : process.stderr).write(refused.text);
  process.exitCode = refused.code;
} else {
  keepCompiledCode();
  createRequire(__filename)('./server.program.js');
}
