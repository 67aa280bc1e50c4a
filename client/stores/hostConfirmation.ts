/** What every question before a store has in common: whether it is asked, and what a host's settings add to it. */
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../base/userError';
import { confirmation } from './confirmationPolicy';

/**
 * Whether a person has to agree before something is stored through a host.
 *
 * @throws UserError when the setting switches confirmation off where it may not
 */
export function mustConfirm(hosts: HostList, host: Host): boolean {
  const { confirmStores, production } = hosts.settingsOf(host);
  const loopback = hosts.isLoopback(host);
  const policy = confirmation({ name: host.name, confirmStores, production, loopback });
  if (policy.kind === 'refuse') throw new UserError(policy.why);
  return policy.kind === 'ask';
}

/** Lines for the question: that it is a production host, and its label. */
export function hostMarks(hosts: HostList, host: Host): string[] {
  const { label, production } = hosts.settingsOf(host);
  return [
    ...(production ? [`⚠ ${host.name} is marked as a PRODUCTION host.`] : []),
    ...(label ? [`Label: ${label}`] : []),
  ];
}
