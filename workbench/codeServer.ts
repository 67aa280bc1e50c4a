/** Starts code-server on 127.0.0.1 with folders of its own, and ends it again. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Workbench } from '../setup/workbench';

export interface CodeServerOptions {
  readonly workbench: Workbench;
  /** Everything that the server writes goes here: settings, extensions, its socket. */
  readonly folder: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of the machine that the extension runs on; where it is not the person's own, as here, settings about files are read there. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** An extension to install first. */
  readonly vsix?: string;
  /** Makes the workbench honour extensionDevelopmentPath and extensionTestsPath of its URL. */
  readonly testDriver?: boolean;
  /** Opens folders in Restricted Mode, as for a folder of which the user has not said that it is trusted. */
  readonly restricted?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CodeServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** VS Code's user data folder; the extension's global storage is below `User/globalStorage`. */
  readonly dataFolder: string;
  /** Its process group, in which the extension hosts are as well. */
  readonly group: number;
  /** Settles when the server ends by itself. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** What every run wants: nothing that asks, calls home or moves the layout. */
const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'update.showReleaseNotes': false,
};

/** @throws Error with the server's own output when it does not come up */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const { folder, workbench } = options;
  const dataFolder = path.join(folder, 'data');
  mkdirSync(path.join(dataFolder, 'User'), { recursive: true });
  const trust = {
    'security.workspace.trust.enabled': options.restricted ?? false,
    'security.workspace.trust.startupPrompt': 'never',
  };
  const settings = { ...QUIET_SETTINGS, ...trust, ...options.settings };
  writeFileSync(path.join(dataFolder, 'User', 'settings.json'), JSON.stringify(settings, undefined, 2));
  mkdirSync(path.join(dataFolder, 'Machine'), { recursive: true });
  writeFileSync(
    path.join(dataFolder, 'Machine', 'settings.json'),
    JSON.stringify(options.machineSettings ?? {}, undefined, 2),
  );
  const config = path.join(folder, 'config.yaml');
  writeFileSync(config, 'auth: none\n');
  const environment = {
    ...process.env,
    ...options.environment,
    EXTENSIONS_GALLERY: '{}',
    XDG_RUNTIME_DIR: folder,
    XDG_DATA_HOME: folder,
    XDG_CACHE_HOME: path.join(folder, 'cache'),
    VSCODE_IPC_HOOK_CLI: '',
  };
  const common = [
    workbench.entry,
    ...['--config', config],
    ...['--user-data-dir', dataFolder],
    ...['--extensions-dir', path.join(folder, 'extensions')],
  ];
  if (options.vsix)
    execFileSync(workbench.node, [...common, '--install-extension', options.vsix], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const server = spawn(
    workbench.node,
    [
      ...common,
      ...['--auth', 'none', '--bind-addr', '127.0.0.1:0'],
      ...['--session-socket', path.join(folder, 'session.sock')],
      ...['--ignore-last-opened', '--disable-telemetry', '--disable-update-check'],
      ...(options.restricted ? [] : ['--disable-workspace-trust']),
      ...['--disable-getting-started-override', '--disable-proxy'],
      ...(options.testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    // A process group of its own: the extension hosts that it starts end with it.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: environment },
  );
  const ended = new Promise<number | null>((resolve) => server.once('exit', (code) => resolve(code)));
  const stop = (): Promise<void> => stopGroup(server, ended);
  try {
    return { origin: await listening(server), dataFolder, group: server.pid ?? 0, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listening(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data: Buffer): void => {
      output = (output + data.toString('utf8')).slice(-20_000);
      const match = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output);
      if (match?.[1]) resolve(match[1]);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`code-server ended with ${code}:\n${output}`)));
  });
}

async function stopGroup(server: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (server.pid !== undefined) process.kill(-server.pid, name);
    } catch {
      // The group is gone already.
    }
  };
  signal('SIGTERM');
  const timer = setTimeout(() => signal('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
  signal('SIGKILL'); // what the leader left behind
}
