#!/usr/bin/env node
import { createRequire } from 'node:module';
import { keepCompiledCode } from './compileCache';
import { setFlags } from './v8Flags';

// A run takes half a second: code is baseline compiled soon, and optimised only where a long run, as over a whole kernel,
// earns it back. With V8's own figures another thread optimises for as long as the run takes.
// The same holds for the grammar: V8 takes half a second of another thread to optimise its three largest functions, and the
// process waits for that at its end. All flags are set before anything is compiled: the cache is for the flags of the start.
setFlags('--sparkplug', '--interrupt-budget=400000', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering');
// The grammar is 600 KB of WASM, and a run needs a fraction of it. Newer versions of V8 compile functions when they are called.
setFlags('--wasm-lazy-compilation');
// A run over many large files keeps little garbage beside what it uses.
setFlags('--heap-growing-percent=20');
keepCompiledCode();
createRequire(__filename)('./ism-lint.program.js');
