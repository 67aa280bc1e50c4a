import * as vscode from 'vscode';
import type { AuditDocuments } from '../audit/auditDocuments';
import { refusingSource } from '../audit/refusingSource';
import { auditRegions } from '../audit/regionAudit';
import type { Node } from '../choose/nodes';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../base/userError';
import { pickFunction } from '../choose/pick';

/** *Audit Regions* and *Go to Refusing Line*. */
export class AuditCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly documents: AuditDocuments,
  ) {}

  /**
   * Asks the driver anew for every index and shows its answers.
   *
   * @param from a row of the explorer, or the finding in the source that the audit was asked for at
   */
  async audit(from?: Node | vscode.Location): Promise<void> {
    const source = from instanceof vscode.Location ? from : undefined;
    const node = from instanceof vscode.Location ? undefined : from;
    const choice = await pickFunction(
      this.hosts,
      node,
      'Audit Regions',
      (fn) => fn.vfio.state === 'ready' || fn.vfio.state === 'open',
      'No function of the connected hosts is bound to a vfio driver; bind one first.',
    );
    if (!choice) return;
    const { host, fn } = choice;
    const { handle } = await host.open(fn.address);
    // What was asked when the device was opened is not shown again: the driver is asked now.
    const { numRegions, regions } = await host.request('regions', { handle });
    const description = await host.request('describe', { address: fn.address });
    const driver = description.function.driver ?? '';
    const kernel = host.kernel ?? '';
    await this.documents.show(
      { host: host.name, address: fn.address, driver, kernel, numRegions, time: new Date().toISOString() },
      auditRegions(regions, description.resources),
      source ? [source] : await refusingSource(driver),
    );
  }

  /** From a refused region of the explorer to the line that refuses it. */
  async goToRefusal(node?: Node): Promise<void> {
    if (node?.kind !== 'region') throw new UserError('Choose a refused region in the Devices view.');
    const driver = node.host.find(node.fn.address).driver ?? '';
    const sources = await refusingSource(driver);
    const [first] = sources;
    if (!first)
      throw new UserError(
        `ism-lint found no line in this workspace that refuses it; open the folder with the source of ${driver}.`,
      );
    await vscode.window.showTextDocument(first.uri, { selection: first.range });
  }
}
