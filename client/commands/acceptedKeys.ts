/** *Accepted Host Keys*: the keys that a person accepted on first use, and taking them back. */
import { TrustStore, type KeyValueStore } from '../ssh/trustStore';
import { showInformationMessage, showManyPick } from '../sinks/dialogs';

/** Lists the keys; those that are chosen are removed, and their hosts are asked about at the next connection. */
export async function showAcceptedKeys(store: KeyValueStore): Promise<void> {
  const trust = new TrustStore(store);
  const keys = trust.list();
  if (keys.length === 0) {
    void showInformationMessage(
      'No host key was accepted here. Keys of known_hosts are not listed: they are kept in that file.',
    );
    return;
  }
  const items = keys.map((key) => ({
    label: key.name,
    description: key.keyType,
    detail: key.fingerprint,
    key,
  }));
  const chosen = await showManyPick(items, {
    title: 'Accepted Host Keys',
    placeHolder: 'Choose the keys to remove; their hosts are asked about again',
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  if (!chosen || chosen.length === 0) return;
  await trust.remove(chosen.map(({ key }) => key));
  void showInformationMessage(
    `Removed ${chosen.length} host key(s). Connections that are open stay open; the next one asks.`,
  );
}
