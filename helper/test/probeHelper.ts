/** Talks line by line to a helper that was built for a test, whose input stays open until it is ended. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { MAX_LINE_BYTES, Reply } from '../../protocol/helper';

/** How to start a program. */
export interface Probe {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

export class ProbeHelper {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly exit: Promise<number | null>;
  private complaints = '';

  constructor(probe: Probe, args: readonly string[]) {
    this.child = spawn(probe.path, args, { env: { ...process.env, ...probe.env } });
    this.child.stderr.on('data', (bytes: Buffer) => (this.complaints += bytes.toString()));
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.exit = new Promise((resolve) => this.child.once('close', resolve));
  }

  say(...requests: object[]): void {
    this.child.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  }

  async next(): Promise<Reply> {
    const line: IteratorResult<string, unknown> = await this.lines.next();
    if (line.done) return assert.fail(`the helper has ended: ${this.complaints}`);
    assert.ok(line.value.length < MAX_LINE_BYTES);
    return v.parse(Reply, JSON.parse(line.value));
  }

  /** Ends its input; it has to end well and without complaints. */
  async end(): Promise<void> {
    this.child.stdin.end();
    assert.equal(await this.exit, 0, this.complaints);
    assert.equal(this.complaints, '');
  }
}
