/** Which driver of the workspace is tried, and which description of the host's kernel it is built by. */
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../base/userError';
import { driverSource, type DriverSource } from './driverSource';
import { showInformationMessage, showQuickPick } from '../sinks/dialogs';

/** A kernel's tree has thousands of Makefiles: there, only the drivers of vfio are looked at. */
const IN_TREE = '{drivers/vfio/pci/ism,**/drivers/vfio/pci/ism}/Makefile';
const OUT_OF_TREE = '{Kbuild,Makefile,*/Kbuild,*/Makefile,*/*/Kbuild,*/*/Makefile}';
const REMEMBERED = 'driver.folder';

/** @param memento remembers what was chosen among several */
export async function chooseSource(memento: vscode.Memento): Promise<DriverSource | undefined> {
  const sources = await candidates();
  const [first] = sources;
  if (!first)
    throw new UserError(
      'There is no driver in this workspace; open a kernel tree with drivers/vfio/pci/ism, or a folder whose Makefile has obj-m.',
    );
  if (sources.length === 1) return first;
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const edited = sources.filter(({ folder }) => active?.startsWith(folder + path.sep));
  if (edited.length === 1) return edited[0];
  const remembered = memento.get<string>(REMEMBERED);
  const sorted = [...sources].sort(
    (a, b) => Number(b.folder === remembered) - Number(a.folder === remembered),
  );
  const choice = await showQuickPick(
    sorted.map((source) => ({
      label: source.module,
      description: vscode.workspace.asRelativePath(source.folder),
      source,
    })),
    { title: 'Try My Driver', placeHolder: 'Which driver?' },
  );
  if (choice) await memento.update(REMEMBERED, choice.source.folder);
  return choice?.source;
}

/** Folders that build one module; those that build none or several are passed over. */
async function candidates(): Promise<DriverSource[]> {
  for (const glob of [IN_TREE, OUT_OF_TREE]) {
    const files = await vscode.workspace.findFiles(glob, '**/node_modules/**', 100);
    const found = new Map<string, DriverSource>();
    for (const uri of files) {
      const root = vscode.workspace.getWorkspaceFolder(uri);
      if (!root || uri.scheme !== 'file') continue;
      try {
        const source = driverSource(path.dirname(uri.fsPath), root.uri.fsPath);
        found.set(source.folder, source);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
    if (found.size > 0) return [...found.values()];
  }
  return [];
}

/**
 * The file that says how drivers for a host are built: the setting's, else one that the person picks, which is then remembered in
 * the setting.
 */
export async function chooseDescription(hostName: string): Promise<string | undefined> {
  const configuration = vscode.workspace.getConfiguration('ism.driver');
  const setting: unknown = configuration.get('build');
  if (typeof setting === 'string' && setting !== '') return setting;
  const byHost = typeof setting === 'object' && setting !== null ? (setting as Record<string, unknown>) : {};
  const file = byHost[hostName];
  if (typeof file === 'string' && file !== '') return file;
  const pick = 'Choose File…';
  const answer = await showInformationMessage(
    `How are drivers for the kernel of ${hostName} built? A lab writes a driver-build.json beside its ssh_config; for another host the README says what is in it.`,
    { modal: true },
    pick,
  );
  if (answer !== pick) return undefined;
  const [chosen] = (await vscode.window.showOpenDialog({ filters: { JSON: ['json'] } })) ?? [];
  if (!chosen) return undefined;
  await configuration.update(
    'build',
    { ...byHost, [hostName]: chosen.fsPath },
    vscode.ConfigurationTarget.Global,
  );
  return chosen.fsPath;
}
