#!/usr/bin/env node
import path from 'node:path';
import { runProgram } from './runProgram';

runProgram(path.join(__dirname, 'ism-lint.program.js'));
