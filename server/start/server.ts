#!/usr/bin/env node
import path from 'node:path';
import { runProgram } from './runProgram';
import { refusal } from './transports';
import { setFlags } from './v8Flags';

// A workspace of many large files keeps little garbage beside what it uses.
setFlags('--heap-growing-percent=20', '--semi-space-growth-factor=1');

const refused = refusal(process.argv.slice(2));
if (refused) {
  (refused.code === 0 ? process.stdout : process.stderr).write(refused.text);
  process.exitCode = refused.code;
} else runProgram(path.join(__dirname, 'server.program.js'));
