/**
 * Many hosts on this machine: a real sshd each, whose commands run the helper built for this machine over a tree of files
 * in the shape of an s390 host's /sys. For what a lab is too slow or too large for.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { userHelper } from '../../client/helper/helperPlace';
import { FixtureTree } from '../../helper/test/fixtureTree';
import type { FixtureHost, FixtureHosts } from './fixtureHostNames';
import { makeKey, startSshd } from './openSsh';

export interface RunningFixtureHosts extends FixtureHosts {
  stop(): Promise<void>;
}

/**
 * @param native how to start the helper on this machine
 * @param shipped the helper of the extension, which the hosts have installed, so that nobody is asked
 */
export async function startFixtureHosts(
  native: { readonly path: string; readonly env: Readonly<Record<string, string>> },
  shipped: string,
  count: number,
  functionsEach: number,
): Promise<RunningFixtureHosts> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-hosts-'));
  const sum = createHash('sha256').update(readFileSync(shipped)).digest('hex');
  const login = makeKey(folder, 'login');
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const start = async (number: number): Promise<{ host: FixtureHost; config: string }> => {
    const name = `lpar${number}`;
    const place = path.join(folder, name);
    const addresses = Array.from(
      { length: functionsEach },
      (_, i) => `${(0x100 * number + i).toString(16).padStart(4, '0')}:00:00.0`,
    );
    const tree = new FixtureTree(
      addresses.map((address, i) => ({
        address,
        driver: 'ism',
        attributes: { function_id: `0x${(0x100 * number + i).toString(16).padStart(8, '0')}` },
      })),
    );
    undo.push(() => tree.remove());
    const home = path.join(place, 'home');
    const installed = path.join(home, userHelper(sum));
    mkdirSync(path.dirname(installed), { recursive: true });
    copyFileSync(shipped, installed);
    const bin = path.join(place, 'bin');
    mkdirSync(bin);
    const program = (file: string, lines: readonly string[]): void => {
      writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
      chmodSync(file, 0o755);
    };
    program(path.join(bin, 'uname'), ['echo s390x']);
    program(path.join(bin, 'id'), [`echo ${userInfo().uid}`]);
    const helperPid = path.join(place, 'helper.pid');
    const force = path.join(place, 'shell');
    program(force, [
      ...Object.entries({ ...native.env, HOME: home, PATH: `${bin}:/usr/bin:/bin` }).map(
        ([variable, value]) => `export ${variable}='${value}'`,
      ),
      'cd "$HOME" || exit 1',
      'case "$SSH_ORIGINAL_COMMAND" in',
      `*--announce*) echo $$ > ${helperPid}; exec ${native.path} --announce --sysfs-root ${tree.sysfs} --dev-root ${tree.dev} ;;`,
      '*) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;',
      'esac',
    ]);
    const server = await startSshd(folder, [login], ['ed25519'], [`ForceCommand ${force}`]);
    undo.push(() => server.stop());
    const known = path.join(place, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKeys[0]?.line}\n`);
    const lines = [
      `Host ${name}`,
      'HostName 127.0.0.1',
      `Port ${server.port}`,
      `User ${userInfo().username}`,
      `IdentityFile ${login.file}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${known}`,
      'StrictHostKeyChecking yes',
    ];
    return { host: { name, addresses, sysfs: tree.sysfs, helperPid }, config: lines.join('\n  ') };
  };
  try {
    const started = [];
    for (let number = 1; number <= count; number++) started.push(await start(number));
    const sshConfigFile = path.join(folder, 'config');
    writeFileSync(sshConfigFile, started.map(({ config }) => `${config}\n`).join(''));
    return { sshConfigFile, hosts: started.map(({ host }) => host), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
