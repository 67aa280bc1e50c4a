import * as vscode from 'vscode';
import type { BindResult, IsmFunction } from '../../protocol/helper';
import type { Node } from '../explorer/nodes';
import type { Host } from '../hosts/host';
import { HelperError } from '../hosts/helperChannel';
import type { HostList } from '../hosts/hostList';
import type { Log } from '../log';
import { neutralise } from '../neutralise';
import { pickFunction } from './pick';

const VFIO_DRIVERS = ['ism_vfio_pci', 'vfio-pci'];
const isVfio = (fn: IsmFunction): boolean => fn.driver !== null && VFIO_DRIVERS.includes(fn.driver);

/** *Bind to ism-vfio-pci* and *Restore Driver*. */
export class BindCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly log: Log,
  ) {}

  async bind(node?: Node): Promise<void> {
    const title = vscode.l10n.t('Bind to ism-vfio-pci');
    const none = vscode.l10n.t('Every function of the connected hosts is bound to ism-vfio-pci already.');
    const choice = await pickFunction(this.hosts, node, title, (fn) => fn.driver !== 'ism_vfio_pci', none);
    if (!choice) return;
    const { host, fn } = choice;
    let result: BindResult;
    try {
      result = await host.bind(fn.address);
    } catch (error) {
      if (!(error instanceof HelperError) || error.failure.code !== 'in-use') throw error;
      if (!(await this.confirmTakingAway(host, fn))) return;
      result = await host.bind(fn.address, true);
    }
    this.done(host, result, vscode.l10n.t('{0} is bound to ism-vfio-pci.', fn.address));
  }

  async restore(node?: Node): Promise<void> {
    const title = vscode.l10n.t('Restore Driver');
    const none = vscode.l10n.t('No function of the connected hosts is bound to a vfio driver.');
    const choice = await pickFunction(this.hosts, node, title, isVfio, none);
    if (!choice) return;
    const result = await choice.host.restore(choice.fn.address);
    const driver = result.driver === null ? vscode.l10n.t('no driver') : neutralise(result.driver);
    this.done(
      choice.host,
      result,
      vscode.l10n.t('{0} is back to what it was: {1}.', choice.fn.address, driver),
    );
  }

  /** Taking a function from its driver cuts what runs over it, and the kernel does not refuse. */
  private async confirmTakingAway(host: Host, fn: IsmFunction): Promise<boolean> {
    const take = vscode.l10n.t('Take It Away');
    const driver = neutralise(fn.driver ?? '');
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('{0} on {1} is used by the driver {2}.', fn.address, host.name, driver),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Connections that run over this function are cut without warning on either side.',
        ),
      },
      take,
    );
    return choice === take;
  }

  private done(host: Host, result: BindResult, sentence: string): void {
    const steps = result.steps.map((step) => neutralise(step)).join('; ') || 'nothing had to be changed';
    this.log.info(`[${host.name}] ${result.address}: ${steps}`);
    void vscode.window.showInformationMessage(sentence);
  }
}
