#!/usr/bin/env node
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runProgram } from './runProgram';

// A run takes half a second: code is baseline compiled soon, and optimised only where a long run, as over a whole kernel,
// earns it back. With V8's own figures another thread optimises for as long as the run takes.
setFlagsFromString('--sparkplug');
setFlagsFromString('--interrupt-budget=400000');
runProgram(path.join(__dirname, 'ism-lint.program.js'));
