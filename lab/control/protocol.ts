/** What `npm run lab -- ctl` asks a running lab: one JSON object a line on the lab's control socket, one answer. */
import type { DeviceRequest } from '../device/requests';

/** Below the folder of the lab. */
export const controlSocket = 'control.sock';

export type ControlRequest =
  | { readonly kind: 'device'; readonly request: DeviceRequest }
  | { readonly kind: 'describe' }
  | { readonly kind: 'stores'; readonly last: number }
  | { readonly kind: 'add'; readonly guest: number }
  | { readonly kind: 'network'; readonly guest: number; readonly up: boolean }
  | { readonly kind: 'reboot'; readonly guest: number };

export type ControlReply = { readonly result: unknown } | { readonly error: string };
