/** Talks to the native helper about a fixture tree, for tests. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as v from 'valibot';
import { Reply, type Failure } from '../../protocol/helper';
import type { FixtureTree } from './fixtureTree';

export const program = JSON.parse(
  process.env['ISM_NATIVE_HELPER'] ??
    assert.fail('ISM_NATIVE_HELPER is not set; run the tests with npm test'),
) as { path: string; env: Record<string, string> };
export const env = { ...process.env, ...program.env };

export interface Run {
  readonly replies: Reply[];
  readonly status: number | null;
  readonly stderr: string;
}

/** Sends lines, ends the input and collects the answers. */
export function talk(tree: FixtureTree, ...lines: (string | Buffer | object)[]): Run {
  const input = Buffer.concat(
    lines.map((line) =>
      Buffer.isBuffer(line)
        ? line
        : Buffer.from((typeof line === 'string' ? line : JSON.stringify(line)) + '\n'),
    ),
  );
  const result = spawnSync(program.path, tree.args, { input, env, encoding: 'utf8', timeout: 20_000 });
  assert.doesNotMatch(result.stderr, /Sanitizer|runtime error/);
  const replies = result.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => v.parse(Reply, JSON.parse(line)));
  return { replies, status: result.status, stderr: result.stderr };
}

export function failureOf(reply: Reply | undefined): v.InferOutput<typeof Failure> {
  assert.ok(reply && 'error' in reply, JSON.stringify(reply));
  return reply.error;
}

export function resultOf(reply: Reply | undefined): unknown {
  assert.ok(reply && 'result' in reply, JSON.stringify(reply));
  return reply.result;
}
