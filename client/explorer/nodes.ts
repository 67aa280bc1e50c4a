import type { IsmFunction, RegionAnswer } from '../../protocol/helper';
import type { Host } from '../hosts/host';

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
    case 'note':
      return `${node.host.name}/note`;
  }
}
