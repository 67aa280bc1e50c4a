#!/usr/bin/env node
import { flushed, writeError, writeOut } from '../sinks/terminal';
import { commandLine } from './commandLine';

/** For what ends by itself: connections say goodbye. */
const GRACE_MS = 1000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  // The second one ends the program at once, as if this were not here.
  process.once(signal, () => stop.abort());
// Who closes the pipe, as head does, has read enough.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = 2;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  process.exitCode = await commandLine(args, __dirname, { out: writeOut, err: writeError }, stop.signal);
  // All that was written gets out, however slowly it is read. After that nothing of a peer keeps the program.
  await flushed();
  setTimeout(() => process.exit(), GRACE_MS).unref();
}

void main();
