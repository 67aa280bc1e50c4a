import type * as vscode from 'vscode';
import type { IsmFunction } from '../../protocol/helper';
import type { Host } from '../hosts/host';

const KEY = 'favourites';

/** Functions that a person wants to see first; kept for all windows. */
export class Favourites {
  constructor(private readonly state: vscode.Memento) {}

  has(host: Host, fn: IsmFunction): boolean {
    return this.all().includes(idOf(host, fn));
  }

  async toggle(host: Host, fn: IsmFunction): Promise<void> {
    const id = idOf(host, fn);
    const all = this.all();
    await this.state.update(KEY, all.includes(id) ? all.filter((other) => other !== id) : [...all, id]);
  }

  /** Favourites first, otherwise in the order they came. */
  sort(host: Host, functions: readonly IsmFunction[]): IsmFunction[] {
    return [...functions].sort((a, b) => Number(this.has(host, b)) - Number(this.has(host, a)));
  }

  private all(): readonly string[] {
    return this.state.get<readonly string[]>(KEY, []);
  }
}

const idOf = (host: Host, fn: IsmFunction): string => `${host.name}/${fn.address}`;
