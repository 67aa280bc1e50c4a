/** Follows docs/guide/tutorial.md to the letter: its files are written, its commands run, and what it says they print is compared. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Block {
  /** `sh`, `text`, `ism`, and the words after it. */
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)(.*)\n([^]*?)^```$/gm)].map(
    ([, language = '', words = '', text = '']) => ({
      ...{ language, words: words.trim().split(' ').filter(Boolean), text },
    }),
  );
}

/** Whether a line is as the tutorial says, where three dots stand for anything. */
const fits = (line: string, said: string): boolean =>
  new RegExp(
    `^${said
      .split('...')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
  ).test(line);

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');

describe('the tutorial', function () {
  this.timeout(300_000);
  let folder: string;
  let lab: ChildProcess | undefined;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-tutorial-'));
    // A clone that is built, without what the tutorial writes into it; the package's helper is the tests' own.
    for (const name of ['node_modules', 'scripts', 'package.json', 'lab', 'helper', 'setup', 'protocol'])
      symlinkSync(path.resolve(name), path.join(folder, name));
    mkdirSync(path.join(folder, 'dist', 'helper'), { recursive: true });
    copyFileSync(helperFile, path.join(folder, 'dist', 'helper', 'ism-helper-s390x'));
    cpSync(path.resolve('dist', 'client'), path.join(folder, 'dist', 'client'), { recursive: true });
  });
  after(async () => {
    if (lab?.pid !== undefined && lab.exitCode === null) {
      const ended = new Promise((resolve) => lab?.once('close', resolve));
      process.kill(-lab.pid, 'SIGINT');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = { ...process.env, npm_config_loglevel: 'silent' };

  async function startLab(command: string): Promise<void> {
    lab = spawn('bash', ['-c', command], { cwd: folder, detached: true, env: environment });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (bytes: Buffer): void => {
        said += bytes.toString();
        if (said.includes('Ctrl+C ends it')) resolve();
      };
      lab?.stdout?.on('data', hear);
      lab?.stderr?.on('data', hear);
      lab?.once('close', () => reject(new Error(said)));
    });
  }

  /** Variables of one block are there in the next, as in one terminal. */
  let variables = '';

  function run(command: string): Promise<{ readonly code: number | null; readonly lines: string[] }> {
    variables += `${command.match(/^[A-Z]+=.*$/gm)?.join('\n') ?? ''}\n`;
    const child = spawn('bash', ['-c', `exec 2>&1\n${variables}${command}`], {
      cwd: folder,
      env: environment,
    });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    return new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, lines: said.split('\n').filter(Boolean) }));
    });
  }

  it('says what happens', async () => {
    const blocks = blocksOf(readFileSync('docs/guide/tutorial.md', 'utf8'));
    let ran = 0;
    for (const [at, { language, words, text }] of blocks.entries()) {
      if (language === 'ism') writeFileSync(path.join(folder, words[0] ?? ''), text);
      if (language !== 'sh') continue;
      ran++;
      if (words[0] === 'in-the-background') {
        await startLab(text);
        continue;
      }
      const { code, lines } = await run(text);
      const all = `${text}\n${lines.join('\n')}`;
      assert.equal(code, words[0] === 'exit' ? Number(words[1]) : 0, all);
      const next = blocks[at + 1];
      let from = 0;
      for (const said of next?.language === 'text' ? next.text.trimEnd().split('\n') : []) {
        if (said === '...') continue;
        const found = lines.findIndex((line, index) => index >= from && fits(line, said));
        assert.ok(found >= 0, `"${said}" is not printed by ${all}`);
        from = found + 1;
      }
    }
    assert.ok(ran > 5, `${ran} commands`);
  });
});
