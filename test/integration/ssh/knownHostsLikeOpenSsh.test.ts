/** known_hosts: for each case OpenSSH's client and ours, with the same file and the same real sshd, decide alike. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { openConnection } from '../../../client/ssh/openConnection';
import { TrustStore } from '../../../client/ssh/trustStore';
import {
  makeKey,
  openSshTools,
  opensshLogsIn,
  startSshd,
  type KeyPair,
  type SshServer,
} from '../../support/openSsh';

const nobody = {
  acceptHostKey: () => Promise.reject(new Error('nobody is to be asked')),
  passphrase: () => Promise.resolve(undefined),
  secret: () => Promise.resolve(undefined),
  uploadHelper: () => Promise.resolve(false),
};

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

interface Case {
  readonly name: string;
  /** The file's text; several files when it is a list. @param k the server's keys, a key of nobody, and the port */
  readonly file: (k: Keys) => string | string[];
  readonly host?: string;
  /** Only where we are stricter than OpenSSH before version 10, and why. */
  readonly stricter?: string;
}

interface Keys {
  readonly ed: string;
  readonly ecdsa: string;
  readonly rsa: string;
  readonly other: string;
  readonly otherEcdsa: string;
  readonly port: number;
}

const cases: Case[] = [
  { name: 'no line', file: () => '' },
  { name: 'name and port', file: (k) => `[127.0.0.1]:${k.port} ${k.ed}` },
  { name: 'the ecdsa key alone', file: (k) => `[127.0.0.1]:${k.port} ${k.ecdsa}` },
  { name: 'the rsa key alone', file: (k) => `[127.0.0.1]:${k.port} ${k.rsa}` },
  {
    name: 'all three keys',
    file: (k) => [k.rsa, k.ecdsa, k.ed].map((key) => `[127.0.0.1]:${k.port} ${key}\n`).join(''),
  },
  { name: 'a name that resolves', file: (k) => `[localhost]:${k.port} ${k.ed}`, host: 'localhost' },
  { name: 'a name in capitals in the file', file: (k) => `[LOCALHOST]:${k.port} ${k.ed}`, host: 'localhost' },
  {
    name: 'a name in capitals on the command line',
    file: (k) => `[localhost]:${k.port} ${k.ed}`,
    host: 'LOCALHOST',
  },
  {
    name: 'the address does not stand for the name',
    file: (k) => `[127.0.0.1]:${k.port} ${k.ed}`,
    host: 'localhost',
  },
  { name: 'without the port', file: (k) => `127.0.0.1 ${k.ed}` },
  { name: 'another key without the port', file: (k) => `127.0.0.1 ${k.other}` },
  {
    name: 'another key without the port, the right one with it',
    file: (k) => `127.0.0.1 ${k.other}\n[127.0.0.1]:${k.port} ${k.ed}`,
  },
  {
    name: 'the right key without the port, another with it',
    file: (k) => `127.0.0.1 ${k.ed}\n[127.0.0.1]:${k.port} ${k.other}`,
  },
  { name: 'another port', file: (k) => `[127.0.0.1]:1 ${k.ed}` },
  { name: 'a changed key', file: (k) => `[127.0.0.1]:${k.port} ${k.other}` },
  {
    name: 'a changed key beside the right one',
    file: (k) => `[127.0.0.1]:${k.port} ${k.other}\n[127.0.0.1]:${k.port} ${k.ed}`,
  },
  {
    name: 'a changed key of one type, the right one of another',
    file: (k) => `[127.0.0.1]:${k.port} ${k.otherEcdsa}\n[127.0.0.1]:${k.port} ${k.ed}`,
  },
  { name: 'hashed', file: (k) => `${hashed(`[127.0.0.1]:${k.port}`)} ${k.ed}` },
  { name: 'hashed without the port', file: (k) => `${hashed('127.0.0.1')} ${k.ed}` },
  { name: 'hashed, another name', file: (k) => `${hashed('other')} ${k.ed}` },
  { name: 'hashed, a changed key', file: (k) => `${hashed(`[127.0.0.1]:${k.port}`)} ${k.other}` },
  { name: 'several names', file: (k) => `one,[127.0.0.1]:${k.port},two ${k.ed}` },
  { name: 'a wildcard', file: (k) => `[127.*]:${k.port} ${k.ed}` },
  { name: 'a wildcard for everything', file: (k) => `* ${k.ed}` },
  { name: 'question marks', file: (k) => `[127.0.?.?]:${k.port} ${k.ed}` },
  { name: 'a dot is a dot', file: (k) => `[127x0x0x1]:${k.port} ${k.ed}` },
  { name: 'a negation', file: (k) => `*,![127.0.0.1]:${k.port} ${k.ed}` },
  { name: 'a negation of the name without port', file: (k) => `*,!127.0.0.1 ${k.ed}` },
  { name: 'a negation first', file: (k) => `![127.0.0.1]:${k.port},* ${k.ed}` },
  { name: 'a negation alone', file: (k) => `!other ${k.ed}` },
  { name: 'a revoked key', file: (k) => `[127.0.0.1]:${k.port} ${k.ed}\n@revoked * ${k.ed}` },
  {
    name: 'a revoked key before',
    file: (k) => `@revoked [127.0.0.1]:${k.port} ${k.ed}\n[127.0.0.1]:${k.port} ${k.ed}`,
  },
  { name: 'revoked for another host', file: (k) => `@revoked other ${k.ed}\n[127.0.0.1]:${k.port} ${k.ed}` },
  { name: 'another key revoked', file: (k) => `@revoked * ${k.other}\n[127.0.0.1]:${k.port} ${k.ed}` },
  {
    name: 'revoked without the port',
    file: (k) => `@revoked 127.0.0.1 ${k.ed}\n[127.0.0.1]:${k.port} ${k.ed}`,
    stricter: 'a key that leaked is not better on another port',
  },
  { name: 'revoked in a second file', file: (k) => [`[127.0.0.1]:${k.port} ${k.ed}`, `@revoked * ${k.ed}`] },
  { name: 'known in a second file', file: (k) => ['# nothing here\n', `[127.0.0.1]:${k.port} ${k.ed}`] },
  {
    name: 'changed in the first file, known in the second',
    file: (k) => [`[127.0.0.1]:${k.port} ${k.other}`, `[127.0.0.1]:${k.port} ${k.ed}`],
  },
  { name: 'a certificate authority', file: (k) => `@cert-authority * ${k.ed}` },
  {
    name: 'a certificate authority beside the key',
    file: (k) => `@cert-authority * ${k.other}\n[127.0.0.1]:${k.port} ${k.ed}`,
  },
  {
    name: 'comments and blank lines',
    file: (k) => `# [127.0.0.1]:${k.port} ${k.other}\n\n   \n[127.0.0.1]:${k.port} ${k.ed} me@here`,
  },
  { name: 'a comment after blanks', file: (k) => `   # comment\n[127.0.0.1]:${k.port} ${k.ed}` },
  { name: 'blanks and tabs', file: (k) => `  [127.0.0.1]:${k.port} \t ${k.ed.replace(' ', '\t')}` },
  { name: 'no newline at the end, no text behind', file: (k) => `[127.0.0.1]:${k.port} ${k.ed}` },
  { name: 'DOS line ends', file: (k) => `[127.0.0.1]:${k.port} ${k.ed} comment\r\n` },
  {
    name: 'an SSH 1 line',
    file: (k) => `[127.0.0.1]:${k.port} 1024 35 1234567\n[127.0.0.1]:${k.port} ${k.ed}`,
  },
  { name: 'a key of another type only', file: (k) => `[127.0.0.1]:${k.port} ${k.otherEcdsa}` },
  {
    name: 'a line that is no key',
    file: (k) => `[127.0.0.1]:${k.port} ssh-ed25519 AAAA\n[127.0.0.1]:${k.port} ${k.ed}`,
    stricter: 'a line that cannot be read might have revoked the key',
  },
  {
    name: 'a marker that nobody knows',
    file: (k) => `@maybe * ${k.other}\n[127.0.0.1]:${k.port} ${k.ed}`,
    stricter: 'a line that cannot be read might have revoked the key',
  },
];

/** The major version of the client that we compare with. */
function opensshVersion(): number {
  const { ssh } = openSshTools();
  const { stderr } = spawnSync(ssh.path, ['-V'], { encoding: 'utf8', env: { ...process.env, ...ssh.env } });
  return Number(/OpenSSH_(\d+)/.exec(stderr)?.[1] ?? assert.fail(stderr));
}

describe('known_hosts, judged by OpenSSH and by us', () => {
  let folder: string;
  let server: SshServer;
  let login: KeyPair;
  let keys: Keys;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-known-'));
    login = makeKey(folder, 'login');
    server = await startSshd(folder, [login], ['ed25519', 'ecdsa', 'rsa']);
    const [ed, ecdsa, rsa] = server.hostKeys.map(({ line }) => line);
    assert.ok(ed && ecdsa && rsa);
    const other = makeKey(folder, 'other').line;
    const otherEcdsa = makeKey(folder, 'other_ecdsa', 'ecdsa').line;
    keys = { ed, ecdsa, rsa, other, otherEcdsa, port: server.port };
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { name, file, host = '127.0.0.1', stricter } of cases)
    it(`${name}${stricter ? ` (stricter: ${stricter})` : ''}`, async () => {
      const texts = [file(keys)].flat();
      const files = texts.map((text, index) => {
        const place = path.join(folder, `known-${index}`);
        writeFileSync(place, text);
        return place;
      });
      const asking = opensshLogsIn(host, server.port, [
        `UserKnownHostsFile=${files.join(' ')}`,
        'GlobalKnownHostsFile=none',
        'StrictHostKeyChecking=yes',
        `IdentityFile=${login.file}`,
      ]);
      const [openssh, ours] = await Promise.all([asking, weLogIn(host, files)]);
      if (stricter) {
        assert.equal(openssh, opensshVersion() < 10, 'the difference is not as listed');
        assert.equal(ours, false);
      } else assert.equal(ours, openssh, `OpenSSH ${openssh ? 'accepts' : 'refuses'}, we do not`);
    });

  async function weLogIn(host: string, knownHostsFiles: string[]): Promise<boolean> {
    const resolved = {
      hostName: host,
      port: server.port,
      user: userInfo().username,
      identityFiles: [login.file],
      identitiesOnly: true,
      identityAgent: 'none',
      knownHostsFiles,
      hostKeyAlias: undefined,
      revokedHostKeysFiles: [],
      knownHostsCommand: undefined,
      strictHostKeyChecking: 'yes' as const,
      connectTimeoutSeconds: 10,
      keepaliveSeconds: 15,
      keepaliveCount: 3,
      jumps: [],
    };
    const store = new Map<string, unknown>();
    const trust = new TrustStore({
      get: <T>(key: string, fallback: T) => (store.get(key) as T | undefined) ?? fallback,
      update: () => Promise.resolve(),
    });
    try {
      const connection = await openConnection(resolved, {
        ...{ prompts: nobody, trust, report: () => undefined, route: [] },
      });
      const { code } = await connection.run('true');
      connection.end();
      return code === 0;
    } catch {
      return false;
    }
  }
});
