#!/usr/bin/env node
import path from 'node:path';
import { runProgram } from './runProgram';
import { setFlags } from './v8Flags';

// A run takes half a second: code is baseline compiled soon, and optimised only where a long run, as over a whole kernel,
// earns it back. With V8's own figures another thread optimises for as long as the run takes.
// The same holds for the grammar: V8 takes half a second of another thread to optimise its three largest functions, and the
// process waits for that at its end. All flags are set here, because what was compiled is kept for the flags of the start.
setFlags('--sparkplug', '--interrupt-budget=400000', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering');
// A run over many large files keeps little garbage beside what it uses.
setFlags('--heap-growing-percent=20');
runProgram(path.join(__dirname, 'ism-lint.program.js'));
