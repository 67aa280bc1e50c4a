/** What is known of a host: how the settings name it, and how far its connection is. */
import type { Hello } from '../../protocol/helper';
import type { SudoChoice } from '../helper/helperStart';
import type { RemoteSession } from '../helper/remote';

export type HostState =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'connecting' }
  | {
      readonly kind: 'connected';
      readonly hello: Hello;
      readonly target: string;
      readonly privilege: RemoteSession['privilege'];
    }
  /** The link was lost; the next attempt comes after so many seconds. */
  | { readonly kind: 'reconnecting'; readonly seconds: number; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/** An entry of the setting `ism.hosts`. */
export interface HostConfig {
  readonly name: string;
  readonly destination: string;
  readonly sudo?: SudoChoice;
}
