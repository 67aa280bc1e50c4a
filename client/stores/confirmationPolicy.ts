/** Whether a store is confirmed. Off is for labs only: a store can write another system's memory. */

/** What is known of the host a store goes to. */
export interface ConfirmationFacts {
  readonly name: string;
  /** `confirmStores` of the host's entry in `ism.hosts`. */
  readonly confirmStores: boolean | undefined;
  readonly production: boolean | undefined;
  /** Whether the host was reached directly at a loopback address. */
  readonly loopback: boolean;
}

/** `refuse`: the setting asks for what this host may not have, and the store is not sent until it is corrected. */
export type Confirmation =
  { readonly kind: 'ask' } | { readonly kind: 'skip' } | { readonly kind: 'refuse'; readonly why: string };

export function confirmation(host: ConfirmationFacts): Confirmation {
  if (host.confirmStores !== false) return { kind: 'ask' };
  if (host.production)
    return {
      kind: 'refuse',
      why: `'${host.name}' is a production host with "confirmStores": false, so nothing was sent; remove that from the setting ism.hosts.`,
    };
  if (!host.loopback)
    return {
      kind: 'refuse',
      why: `'${host.name}' has "confirmStores": false, which only a lab at a loopback address (127.0.0.1) may have, so nothing was sent; remove that from the setting ism.hosts.`,
    };
  return { kind: 'skip' };
}
