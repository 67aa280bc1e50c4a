/** RevokedHostKeys of ssh_config: keys that are never accepted, whatever known_hosts says. */
import { readFile } from 'node:fs/promises';
import { parseKnownHosts } from './knownHosts';
import { UserError } from '../base/userError';

/** How a key revocation list begins (PROTOCOL.krl of OpenSSH: the magic "SSHKRL\n\0"). */
const KRL = Buffer.from('SSHKRL\n\0', 'latin1');

/**
 * The revoked keys of text files, one public key a line.
 *
 * @throws UserError when a file cannot be read or is a binary KRL: a key that it revokes would be overlooked. ssh refuses too where
 * the file is missing (ssh_config(5)).
 */
export async function readRevokedHostKeys(files: readonly string[]): Promise<Buffer[]> {
  const keys: Buffer[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new UserError(
        `RevokedHostKeys names ${file}, which cannot be read, so no host key can be checked; make the file readable, or correct the SSH configuration.`,
        String(error),
      );
    });
    if (bytes.subarray(0, KRL.length).equals(KRL))
      throw new UserError(
        `RevokedHostKeys names ${file}, a binary revocation list, which this extension cannot read, so no host key can be checked; list the revoked keys in a text file.`,
      );
    // A line is a public key; with a name in front it is one of known_hosts.
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .map((line) => (line.trim() === '' || line.trim().startsWith('#') ? '' : `* ${line.trim()}`));
    keys.push(...parseKnownHosts(lines.join('\n'), file).map(({ key }) => key));
  }
  return keys;
}
