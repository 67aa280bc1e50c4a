#!/usr/bin/env node
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runProgram } from './runProgram';
import { refusal } from './transports';

// A workspace of many large files keeps no more than half as much garbage as it uses.
setFlagsFromString('--heap-growing-percent=50');

const refused = refusal(process.argv.slice(2));
if (refused) {
  (refused.code === 0 ? process.stdout : process.stderr).write(refused.text);
  process.exitCode = refused.code;
} else runProgram(path.join(__dirname, 'server.program.js'));
