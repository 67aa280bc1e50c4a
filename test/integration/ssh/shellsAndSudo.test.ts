/** The helper behind real login shells and sudo, on a real sshd. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { SudoChoice } from '../../../client/helper/helperStart';
import type { RemoteSession } from '../../../client/helper/remote';
import { HELPER_PROTOCOL_VERSION } from '../../../protocol/helper';
import { answering, Sessions } from '../../support/person';
import { makeKey, startSshd, type KeyPair, type SshServer } from '../../support/openSsh';

const native = JSON.parse(
  process.env['ISM_NATIVE_HELPER'] ??
    assert.fail('ISM_NATIVE_HELPER is not set; run the tests with npm test'),
) as { path: string; env: Record<string, string> };
const sessions = new Sessions();

describe('the helper behind login shells and sudo', () => {
  let folder: string;
  let login: KeyPair;
  const servers: SshServer[] = [];
  const shells = JSON.parse(process.env['ISM_SHELLS'] ?? '{}') as Record<
    string,
    { path: string; env: Record<string, string> }
  >;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-shells-'));
    login = makeKey(folder, 'login');
  });
  afterEach(() => sessions.end());
  after(async () => {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  let count = 0;
  /**
   * A host whose login shell is what we say, through ForceCommand, with programs of our own first in PATH. It claims to
   * be an s390x and runs the helper that was built for this machine.
   */
  async function host(
    shellLine: string,
    programs: Record<string, string> = {},
    env: Record<string, string> = {},
  ) {
    const place = path.join(folder, `host-${count++}`);
    const home = path.join(place, 'home');
    const bin = path.join(place, 'bin');
    mkdirSync(home, { recursive: true });
    mkdirSync(bin);
    const all = { uname: 'echo s390x', id: `echo ${userInfo().uid || 1000}`, ...programs };
    for (const [name, text] of Object.entries(all)) {
      writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(path.join(bin, name), 0o755);
    }
    // A shell and the helper may each bring libraries of a private root.
    const libraries = [env, native.env].flatMap(({ LD_LIBRARY_PATH }) => LD_LIBRARY_PATH ?? []).join(':');
    const own = {
      ...native.env,
      ...env,
      ...(libraries === '' ? {} : { LD_LIBRARY_PATH: libraries }),
      HOME: home,
      PATH: `${bin}:/usr/bin:/bin`,
    };
    const exports = Object.entries(own).map(([name, value]) => `export ${name}='${value}'\n`);
    const force = path.join(place, 'shell');
    writeFileSync(force, `#!/bin/sh\n${exports.join('')}cd "$HOME" || exit 1\n${shellLine}\n`);
    chmodSync(force, 0o755);
    const server = await startSshd(folder, [login], ['ed25519'], [`ForceCommand ${force}`]);
    servers.push(server);
    const known = path.join(place, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKeys[0]?.line}\n`);
    const config = path.join(place, 'config');
    writeFileSync(
      config,
      `Host h\n HostName 127.0.0.1\n Port ${server.port}\n User ${userInfo().username}\n IdentityFile ${login.file}\n IdentitiesOnly yes\n UserKnownHostsFile ${known}\n StrictHostKeyChecking yes\n`,
    );
    return { config, home, place };
  }
  const connect = (
    config: string,
    prompts = answering(),
    sudo: SudoChoice = 'auto',
    report?: (line: string) => void,
  ): Promise<RemoteSession> =>
    sessions.open({
      destination: 'h',
      sshConfigFile: config,
      helperFile: native.path,
      prompts,
      sudo,
      ...(report ? { report } : {}),
    });

  const lines: [string, string, Record<string, string>?][] = [
    ['sh', 'exec sh -c "$SSH_ORIGINAL_COMMAND"'],
    [
      'bash with a talkative start file',
      'echo "Welcome to {\\"id\\":1}"; echo s390x; echo warning >&2; exec bash -c "$SSH_ORIGINAL_COMMAND"',
    ],
    ...Object.entries(shells).map(
      ([name, { path: program, env }]): [string, string, Record<string, string>] => [
        name,
        `exec ${program} -c "$SSH_ORIGINAL_COMMAND"`,
        env,
      ],
    ),
  ];
  for (const [name, line, env] of lines)
    it(`starts behind ${name}`, async () => {
      const { config, home } = await host(line, {}, env);
      const { hello } = await connect(config);
      assert.equal(hello.protocol, HELPER_PROTOCOL_VERSION);
      const place = path.join(home, '.cache', 'ism-driver-tools');
      assert.equal(readdirSync(place).length, 1);
      assert.equal(statSync(place).mode & 0o777, 0o700);
    });
  it('was tried with fish and csh', () => assert.deepEqual(Object.keys(shells).sort(), ['fish', 'tcsh']));

  it('says so when the login shell does not run commands', async () => {
    const { config } = await host('echo "This account is not available."');
    await assert.rejects(connect(config), /does not run commands as a shell does/);
  });

  it('says so when the host is another kind of machine', async () => {
    const { config, home } = await host('exec sh -c "$SSH_ORIGINAL_COMMAND"', { uname: 'echo x86_64' });
    await assert.rejects(
      connect(config),
      /machine of type 'x86_64'; ISM functions exist on s390x hosts only/,
    );
    assert.ok(!existsSync(path.join(home, '.cache')), 'nothing was copied');
  });

  /** Behaves as sudo(8) says: -n fails when a password is needed, -S asks on stderr and reads standard input. */
  const SUDO = `
prompt=; ask=1
while :; do case "$1" in
  -n) echo "sudo: a password is required" >&2; exit 1;;
  -S) shift;;
  -p) prompt=$2; shift 2;;
  --) shift; break;;
  *) break;;
esac; done
for try in 1 2 3; do
  printf %s "$prompt" >&2
  IFS= read -r word || { echo "sudo: no password was provided" >&2; exit 1; }
  if test "$word" = "right horse"; then exec "$@"; fi
  echo "Sorry, try again." >&2
done
echo "sudo: 3 incorrect password attempts" >&2
exit 1`;

  it('becomes root through sudo without a password', async () => {
    const { config } = await host('exec sh -c "$SSH_ORIGINAL_COMMAND"', {
      sudo: 'while test "$1" = -n -o "$1" = --; do shift; done; exec "$@"',
    });
    assert.equal((await connect(config)).privilege, 'sudo');
    assert.equal((await connect(config, answering(), 'never')).privilege, 'user');
  });

  it('asks for the sudo password only when told to, and the password goes nowhere else', async () => {
    const { config, place } = await host(
      'printf "%s\\n" "$SSH_ORIGINAL_COMMAND" >> ../commands; exec sh -c "$SSH_ORIGINAL_COMMAND"',
      { sudo: SUDO },
    );
    const silent = answering();
    assert.equal((await connect(config, silent)).privilege, 'user');
    assert.deepEqual(silent.asked, ['upload']);

    const log: string[] = [];
    const person = answering(['wrong', 'right horse']);
    const session = await connect(config, person, 'ask', (line) => log.push(line));
    assert.equal(session.privilege, 'sudo-password');
    const target = `${userInfo().username}@127.0.0.1`;
    assert.deepEqual(person.asked, [`sudo password ${target} 1`, `sudo password ${target} 2`]);
    assert.doesNotMatch(
      log.join('\n') + readFileSync(path.join(place, 'commands'), 'utf8'),
      /right horse|wrong/,
    );
  });

  it('ends clearly after wrong passwords, and when the person gives up', async () => {
    const { config } = await host('exec sh -c "$SSH_ORIGINAL_COMMAND"', { sudo: SUDO });
    await assert.rejects(
      connect(config, answering(['a', 'b', 'c']), 'ask'),
      /sudo did not accept the password/,
    );
    await assert.rejects(
      connect(config, answering([undefined]), 'ask'),
      /Without the sudo password the helper cannot be root/,
    );
  });

  const refusals: [string, string, RegExp][] = [
    [
      'the user is not in sudoers',
      'echo "u is not in the sudoers file." >&2; exit 1',
      /does not let this user run the helper/,
    ],
    [
      'sudo wants a terminal',
      'echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1',
      /insists on a terminal \(requiretty\)/,
    ],
    ['there is no sudo', 'echo "sh: sudo: not found" >&2; exit 127', /There is no sudo/],
    [
      'the user is not in sudoers, on a German host',
      'test "$LC_ALL" = C && echo "u is not in the sudoers file." >&2 || echo "u ist nicht in der sudoers-Datei." >&2; exit 1',
      /does not let this user run the helper/,
    ],
    [
      'a policy approves programs',
      'echo "sudo: unable to execute ./ism-helper: Operation not permitted" >&2; exit 126',
      /runs approved programs only \(fapolicyd or a similar policy\); ask its administrator to install the helper in \/usr\/local\/libexec/,
    ],
  ];
  for (const [name, text, sentence] of refusals)
    it(`says in one sentence that ${name}`, async () => {
      const { config } = await host('exec sh -c "$SSH_ORIGINAL_COMMAND"', { sudo: text });
      await assert.rejects(connect(config, answering(['x']), 'ask'), sentence);
    });
});
