import type { IsmFunction, RegionAnswer } from '../../protocol/helper';
import type { DmbWatch } from '../dmb/dmbWatch';
import type { Host } from '../hosts/host';
import type { Fact } from '../words/facts';

/** What a row of the explorer stands for; commands on a row receive it as their argument. */
export type Node =
  | { readonly kind: 'host'; readonly host: Host }
  | { readonly kind: 'function'; readonly host: Host; readonly fn: IsmFunction }
  | {
      readonly kind: 'region';
      readonly host: Host;
      readonly fn: IsmFunction;
      readonly region: RegionAnswer;
      readonly numRegions: number;
    }
  /** In place of the regions of a device that is not open: a click opens it, unfolding a row does not. */
  | { readonly kind: 'open'; readonly host: Host; readonly fn: IsmFunction }
  | { readonly kind: 'facts'; readonly host: Host; readonly fn: IsmFunction }
  | { readonly kind: 'fact'; readonly host: Host; readonly fn: IsmFunction; readonly fact: Fact }
  | { readonly kind: 'dmb'; readonly host: Host; readonly fn: IsmFunction; readonly watch: DmbWatch }
  | { readonly kind: 'note'; readonly host: Host; readonly text: string; readonly icon: 'info' | 'error' };

/** Stable across refreshes, so that VS Code keeps selection and expansion. */
export function nodeId(node: Node): string {
  switch (node.kind) {
    case 'host':
      return node.host.name;
    case 'function':
      return `${node.host.name}/${node.fn.address}`;
    case 'region':
      return `${node.host.name}/${node.fn.address}/${node.region.index}`;
    case 'open':
    case 'facts':
      return `${node.host.name}/${node.fn.address}/${node.kind}`;
    case 'fact':
      return `${node.host.name}/${node.fn.address}/facts/${node.fact.key}`;
    case 'dmb':
      return `${node.host.name}/${node.fn.address}/dmb/${node.watch.dmb.token}`;
    case 'note':
      return `${node.host.name}/note/${node.text}`;
  }
}
