#!/usr/bin/env node
// Entry of every npm script that must work in a fresh clone: installs the locked npm packages when they are missing or
// stale, builds, and hands over to the built tool. It is plain JavaScript with no imports beyond Node's own because
// nothing else exists yet when it starts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [, , command] = process.argv;

/** Ends the process with one sentence that says what is wrong and what to do. */
function fail(sentence) {
  console.error(`ism-driver-tools: ${sentence}`);
  process.exit(2);
}

/** Installs package-lock.json's packages once per lock file, so that a warm start costs nothing. */
function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.ism-lock-sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log(`set-up: installing npm packages into ${path.join(root, 'node_modules')} (about 250 MB)`);
  // --ignore-scripts: no package of ours needs an install script, and none gets to run one.
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.error) fail('npm was not found; install Node.js 20 or newer with npm and run the command again.');
  if (npm.status !== 0)
    fail(
      'npm could not install the packages of package-lock.json (see above); check the network or the npm registry setting and run the command again.',
    );
  writeFileSync(stamp, lock);
}

if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node.js ${process.versions.node} is too old; install Node.js 20 or newer and run the command again.`);
if (!command) fail('a command is missing: demo, lab, test, build, package, bench, fuzz or try-debug.');
process.chdir(root);
ensurePackages();
// Who has just built and runs this beside others says so: what they are reading must not be built anew under them.
if (process.env.ISM_BUILT !== '1') {
  const { build } = await import('./build.mjs');
  await build();
}
if (command !== 'build') {
  const tool = path.join(root, 'dist', 'tools', `${command}.js`);
  if (!existsSync(tool))
    fail(`there is no command '${command}'; use demo, lab, test, build, package, bench, fuzz or try-debug.`);
  process.argv.splice(1, 2, tool); // the tool sees node, itself, then its own arguments
  await import(tool);
}
