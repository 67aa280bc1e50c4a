import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client, type ClientChannel } from 'ssh2';
import type { Lab } from './api';
import { projectFile } from '../base/projectFile';
import type { SetupContext } from '../../setup/context';
import { crossCompiler } from '../../setup/cross';

/** A program on a guest that answers lines with lines. */
export class Conversation {
  private readonly waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  private readonly unasked: string[] = [];
  private readonly gone: Promise<void>;
  private complaints = '';
  private ended = false;

  constructor(private readonly channel: ClientChannel) {
    createInterface({ input: channel }).on('line', (line) => {
      const next = this.waiting.shift();
      if (next) next.resolve(line);
      else this.unasked.push(line);
    });
    channel.stderr.on('data', (bytes: Buffer) => (this.complaints += bytes.toString()));
    this.gone = new Promise((resolve) =>
      channel.once('close', () => {
        this.ended = true;
        for (const { reject } of this.waiting) reject(new Error(`the program has ended: ${this.complaints}`));
        resolve();
      }),
    );
  }

  /** The next line of the program. */
  next(): Promise<string> {
    const line = this.unasked.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.ended) return Promise.reject(new Error(`the program has ended: ${this.complaints}`));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  ask(line: string): Promise<string> {
    const answer = this.next();
    this.channel.write(`${line}\n`);
    return answer;
  }

  /** Asks many things at once, since a round trip costs more than most answers. */
  askAll(lines: readonly string[]): Promise<string[]> {
    const answers = lines.map(() => this.next());
    this.channel.write(lines.map((line) => `${line}\n`).join(''));
    return Promise.all(answers);
  }

  async end(): Promise<void> {
    this.channel.end();
    await this.gone;
  }
}

/** A login to a lab that runs commands and copies files. */
export class Guest {
  private constructor(private readonly client: Client) {}

  /** @param through the port to connect to instead of the guest's own, as that of a proxy */
  static login(lab: Lab, user: string = lab.user, number = 1, through?: number): Promise<Guest> {
    const port = lab.guests[number - 1]?.port ?? lab.port;
    const lines = readFileSync(lab.knownHostsFile, 'utf8').split('\n');
    const known = lines.find((line) => line.startsWith(`[127.0.0.1]:${port} `))?.split(' ')[2];
    return new Promise((resolve, reject) => {
      const client = new Client();
      client.once('ready', () => resolve(new Guest(client)));
      client.once('error', reject);
      client.connect({
        host: lab.host,
        port: through ?? port,
        username: user,
        privateKey: readFileSync(lab.identityFile),
        hostVerifier: (key: Buffer) => key.toString('base64') === known,
        readyTimeout: 60_000,
      });
    });
  }

  /** Standard output of a command that has to succeed, without the last newline. */
  run(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let output = '';
        let complaints = '';
        channel.on('data', (bytes: Buffer) => (output += bytes.toString()));
        channel.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
        channel.on('close', (code: number) =>
          code === 0
            ? resolve(output.trimEnd())
            : reject(new Error(`'${command}' ended with ${code}: ${output}${complaints}`)),
        );
      });
    });
  }

  upload(from: string, to: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.sftp((error, sftp) => {
        if (error) return reject(error);
        sftp.fastPut(from, to, { mode: 0o755 }, (problem) => (problem ? reject(problem) : resolve()));
      });
    });
  }

  /** Starts a program that answers each line of its input with a line. */
  converse(command: string): Promise<Conversation> {
    return new Promise((resolve, reject) =>
      this.client.exec(command, (error, channel) =>
        error ? reject(error) : resolve(new Conversation(channel)),
      ),
    );
  }

  leave(): void {
    this.client.end();
  }
}

/** Builds a program of test/fixtures/lab for s390x and copies it to /tmp of a guest. */
export async function installProgram(setup: SetupContext, guest: Guest, name: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lab-program-'));
  try {
    const cross = await crossCompiler(setup);
    const program = path.join(folder, name);
    const source = projectFile(`test/fixtures/lab/${name}.c`);
    execFileSync(cross.cc, ['-static', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source], {
      env: { ...process.env, ...cross.env },
    });
    await guest.upload(program, `/tmp/${name}`);
    return `/tmp/${name}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
