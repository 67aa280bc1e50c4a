/**
 * The stage on which the main job plays: the simulated host, a workspace with the real driver source, and the real
 * workbench with the packaged extension. The demo shows it to a person, the check drives it.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLab, type Lab, type LabOptions } from '../lab/machine/api';
import type { SetupContext } from '../setup/context';
import { linuxSource } from '../setup/linuxSource';
import { workbench } from '../setup/workbench';
import { startCodeServer, type CodeServer } from './codeServer';
import { packageExtension } from '../packaging/packageExtension';

export interface Stage {
  /** Removed at the end, with everything in it. */
  readonly folder: string;
  readonly lab: Lab;
  readonly codeServer: CodeServer;
  /** A copy of the kernel's tree, so that edits do not touch the cache. */
  readonly workspace: string;
  /** The extension's journal of stores. */
  readonly journal: string;
  /** Opens the workspace in the workbench. */
  readonly url: string;
  end(): Promise<void>;
}

/** The parts of the kernel that the workspace holds: the driver, its neighbours and what they include. */
const SHOWN = ['drivers/vfio', 'samples/vfio-mdev', 'include/linux', 'include/uapi/linux'];

/**
 * Sets everything up and starts it.
 *
 * @param root the checkout
 * @param settings added to the workbench's settings, a colour theme for instance
 * @param machines how many guests and functions, one each unless told, and their kernel
 * @throws SetupError with one sentence when a part cannot be had
 */
export async function setStage(
  setup: SetupContext,
  root: string,
  settings: Readonly<Record<string, unknown>> = {},
  machines: Pick<LabOptions, 'guests' | 'functions' | 'kernel'> = {},
): Promise<Stage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-stage-'));
  const undo: (() => Promise<void> | void)[] = [
    () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  ];
  const end = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const vsix = await packageExtension(setup, root);
    const host = await workbench(setup, root);
    const source = await linuxSource(setup);
    const lab = await startLab({ setup, ...machines });
    undo.push(() => lab.stop());
    const workspace = path.join(folder, `linux-${source.release}`);
    for (const part of SHOWN) {
      mkdirSync(path.dirname(path.join(workspace, part)), { recursive: true });
      cpSync(path.join(source.folder, part), path.join(workspace, part), {
        recursive: true,
        errorOnExist: false,
      });
    }
    const codeServer = await startCodeServer({
      workbench: host,
      folder: path.join(folder, 'code-server'),
      vsix,
      settings: {
        'ism.hosts': lab.guests.map(({ alias }) => ({ name: alias, destination: alias })),
        'ism.sshConfigFile': lab.sshConfigFile,
        ...settings,
      },
      machineSettings: { 'ism.driver.build': lab.driverBuildFile },
    });
    undo.push(() => codeServer.stop());
    const storage = path.join(
      codeServer.dataFolder,
      'User',
      'globalStorage',
      'ism-driver-tools.ism-driver-tools',
    );
    return {
      folder,
      lab,
      codeServer,
      workspace,
      journal: path.join(storage, 'stores.jsonl'),
      url: `${codeServer.origin}/?folder=${encodeURIComponent(workspace)}`,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
