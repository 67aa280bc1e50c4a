import type * as vscode from 'vscode';
import type { IsmFunction } from '../../protocol/helper';
import { LIMITS } from '../../protocol/helperLimits';
import { isReadable, regionName } from '../words/describe';
import type { Node } from '../choose/nodes';
import type { HostList } from '../hosts/hostList';
import type { RegionDocuments } from '../stores/regionDocuments';
import { parseOffset } from '../../storescript/values/offsetExpression';
import { bindFirst, pickFunction, pickRegion, usable } from '../choose/pick';
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
    const choice = await pickFunction(this.hosts, node, 'Show Regions', usable, bindFirst());
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
    const none = 'No function is open in this window.';
    const choice = await pickFunction(this.hosts, node, 'Close Device', isOpen, none);
    await choice?.host.close(choice.fn.address);
  }

  async read(node?: Node): Promise<void> {
    const title = 'Read Region';
    const choice = await pickFunction(this.hosts, node, title, usable, bindFirst());
    if (!choice) return;
    const device = await choice.host.open(choice.fn.address);
    const none = `${choice.fn.address} has no region that can be read.`;
    const index = await pickRegion(node, title, device.regions, isReadable, none);
    const region = device.regions.find((answer) => answer.index === index);
    if (!region || 'error' in region) return;
    const size = BigInt(region.size);
    const boxTitle = `${title}: ${regionName(region.index)}`;
    const offsetText = await showInputBox({
      title: boxTitle,
      prompt: `Offset in the region, below ${region.size}`,
      value: '0x0',
      ignoreFocusOut: true,
      validateInput: (text) => {
        const offset = parseOffset(text);
        if (!offset.ok) return offset.why;
        return offset.value < size ? undefined : `The offset is past the region's end, ${region.size}.`;
      },
    });
    const offset = parseOffset(offsetText ?? '');
    if (!offset.ok) return;
    const room = size - offset.value < BigInt(READ_MAX) ? Number(size - offset.value) : READ_MAX;
    const lengthText = await showInputBox({
      title: boxTitle,
      prompt: `How many bytes, 1 to ${room}`,
      value: String(Math.min(room, 256)),
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= room
          ? undefined
          : `Type a whole number from 1 to ${room}.`,
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
