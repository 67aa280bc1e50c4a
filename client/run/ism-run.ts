#!/usr/bin/env node
import { writeError, writeOut } from '../sinks/terminal';
import { commandLine } from './commandLine';

/** For what standard output still has to take. */
const GRACE_MS = 1000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  // The second one ends the program at once, as if this were not here.
  process.once(signal, () => stop.abort());
// Who closes the pipe, as head does, has read enough.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = 2;
void commandLine(process.argv.slice(2), __dirname, { out: writeOut, err: writeError }, stop.signal).then(
  (code) => {
    process.exitCode = code;
    // What was written gets out by itself; a peer that never closes keeps nothing alive.
    setTimeout(() => process.exit(), GRACE_MS).unref();
  },
);
