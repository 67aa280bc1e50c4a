/** The line of driver source that refuses region indices: what the language server found in the workspace. */
import * as vscode from 'vscode';

/** The rule whose findings are refusing lines. */
export const REFUSAL_RULE = 'region-info-unknown-index';

export function isRefusal(diagnostic: vscode.Diagnostic): boolean {
  const { code } = diagnostic;
  const value = typeof code === 'object' ? code.value : code;
  return diagnostic.source === 'ism-lint' && value === REFUSAL_RULE;
}

/**
 * The findings that may be about a driver: those in files that spell its name, or, where no file does, in a folder called
 * like it (`ism_vfio_pci` is in drivers/vfio/pci/ism). Without such a finding the answer is empty rather than a guess.
 *
 * @param driver as sysfs spells it, `ism_vfio_pci`
 */
export async function refusingSource(driver: string): Promise<vscode.Location[]> {
  const found = vscode.languages
    .getDiagnostics()
    .flatMap(([uri, diagnostics]) =>
      diagnostics.filter(isRefusal).map(({ range }) => new vscode.Location(uri, range)),
    );
  const spelt = new RegExp(driver.replace(/\W/g, '').replace(/_/g, '[-_]'), 'i');
  const named: vscode.Location[] = [];
  for (const location of found) {
    const document = await vscode.workspace.openTextDocument(location.uri).then(
      (opened) => opened,
      () => undefined,
    );
    if (document && spelt.test(document.getText())) named.push(location);
  }
  if (named.length > 0) return named;
  const folder = driver.split(/[-_]/)[0] ?? driver;
  return found.filter(({ uri }) => uri.path.split('/').includes(folder));
}

/** Opens the source at the line. */
export const goToCommand = (location: vscode.Location, title: string): vscode.Command => ({
  command: 'vscode.open',
  title,
  arguments: [location.uri, { selection: location.range }],
});

/** `drivers/vfio/pci/ism/main.c:287`, relative to the workspace. */
export const placeOf = (location: vscode.Location): string =>
  `${vscode.workspace.asRelativePath(location.uri)}:${location.range.start.line + 1}`;
