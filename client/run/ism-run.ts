#!/usr/bin/env node
import { commandLine } from './commandLine';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  // The second one ends the program at once, as if this were not here.
  process.once(signal, () => stop.abort());
// Who closes the pipe, as head does, has read enough.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = 2;
void commandLine(
  process.argv.slice(2),
  __dirname,
  { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
  stop.signal,
).then((code) => (process.exitCode = code));
