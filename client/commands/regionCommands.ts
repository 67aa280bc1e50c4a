import * as vscode from 'vscode';
import type { IsmFunction } from '../../protocol/helper';
import { LIMITS } from '../../protocol/helperLimits';
import { isReadable, regionName } from '../explorer/describe';
import type { Node } from '../explorer/nodes';
import type { HostList } from '../hosts/hostList';
import type { RegionDocuments } from '../stores/regionDocuments';
import { parseOffset } from '../../storescript/values/offsetExpression';
import { bindFirst, pickFunction, pickRegion, usable } from './pick';
import { readWindow } from './windowCommands';
import { showInputBox } from '../sinks/dialogs';

/** One request reads at most this much : a region is shown in windows, never whole. */
const READ_MAX = LIMITS.readMax;

/** *Show Regions*, *Read Region* and *Close Device*. */
export class RegionCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly view: vscode.TreeView<Node>,
    private readonly documents: RegionDocuments,
  ) {}

  async show(node?: Node): Promise<void> {
    const choice = await pickFunction(this.hosts, node, vscode.l10n.t('Show Regions'), usable, bindFirst());
    if (!choice) return;
    await choice.host.open(choice.fn.address);
    const fn = choice.host.find(choice.fn.address);
    await this.view.reveal(
      { kind: 'function', host: choice.host, fn },
      { expand: true, select: true, focus: true },
    );
  }

  async close(node?: Node): Promise<void> {
    const isOpen = (fn: IsmFunction): boolean => fn.vfio.state === 'open';
    const none = vscode.l10n.t('No function is open in this window.');
    const choice = await pickFunction(this.hosts, node, vscode.l10n.t('Close Device'), isOpen, none);
    await choice?.host.close(choice.fn.address);
  }

  async read(node?: Node): Promise<void> {
    const title = vscode.l10n.t('Read Region');
    const choice = await pickFunction(this.hosts, node, title, usable, bindFirst());
    if (!choice) return;
    const device = await choice.host.open(choice.fn.address);
    const none = vscode.l10n.t('{0} has no region that can be read.', choice.fn.address);
    const index = await pickRegion(node, title, device.regions, isReadable, none);
    const region = device.regions.find((answer) => answer.index === index);
    if (!region || 'error' in region) return;
    const size = BigInt(region.size);
    const boxTitle = `${title}: ${regionName(region.index)}`;
    const offsetText = await showInputBox({
      title: boxTitle,
      prompt: vscode.l10n.t('Offset in the region, below {0}', region.size),
      value: '0x0',
      ignoreFocusOut: true,
      validateInput: (text) => {
        const offset = parseOffset(text);
        if (!offset.ok) return offset.why;
        return offset.value < size
          ? undefined
          : vscode.l10n.t("The offset is past the region's end, {0}.", region.size);
      },
    });
    const offset = parseOffset(offsetText ?? '');
    if (!offset.ok) return;
    const room = size - offset.value < BigInt(READ_MAX) ? Number(size - offset.value) : READ_MAX;
    const lengthText = await showInputBox({
      title: boxTitle,
      prompt: vscode.l10n.t('How many bytes, 1 to {0}', room),
      value: String(Math.min(room, 256)),
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= room
          ? undefined
          : vscode.l10n.t('Type a whole number from 1 to {0}.', room),
    });
    if (lengthText === undefined) return;
    const place = {
      host: choice.host,
      address: choice.fn.address,
      region: region.index,
      offset: offset.value,
      length: Number(lengthText),
    };
    await this.documents.show(place, await readWindow(place));
  }
}
