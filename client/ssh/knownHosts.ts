/**
 * Reading known_hosts as sshd(8) describes the file: plain, hashed and bracketed names, wildcards, negation and
 * markers. The file is never written: what the user accepts goes into our own trust store.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from '../base/userError';

export interface KnownHostEntry {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly patterns: string;
  readonly keyType: string;
  readonly key: Buffer;
}

/** What the files say about a key that a server showed. */
export type HostKeyVerdict =
  | { readonly kind: 'known'; readonly entry: KnownHostEntry }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly entry: KnownHostEntry }
  | { readonly kind: 'revoked'; readonly entry: KnownHostEntry };

/**
 * Reads all files in order; one that does not exist counts as empty.
 *
 * @throws UserError when a file cannot be read or a line cannot be understood: connecting then would mean to
 * overlook what the line might have said, a revoked key for instance.
 */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHostEntry[]> {
  const entries: KnownHostEntry[] = [];
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new UserError(
        `${file} cannot be read, so no host key can be checked; make the file readable and connect again.`,
        String(error),
      );
    }
    entries.push(...parseKnownHosts(text, file));
  }
  return entries;
}

/** Parses one file's text; see {@link readKnownHosts} for errors. */
export function parseKnownHosts(text: string, file: string): KnownHostEntry[] {
  const entries: KnownHostEntry[] = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const words = line.split(/[ \t]+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [patterns, keyType, blob] = words;
    // SSH 1 wrote "names bits exponent modulus"; OpenSSH has ignored such lines since 7.6 and so do we.
    if (marker === undefined && keyType !== undefined && /^\d+$/.test(keyType)) return;
    const key = blob === undefined ? undefined : decodeKey(blob, keyType ?? '');
    if (!patterns || !keyType || !key || !isMarker(marker))
      throw new UserError(
        `${file}, line ${index + 1}, is not a valid known_hosts line; correct or remove the line and connect again.`,
      );
    entries.push({
      file,
      line: index + 1,
      marker: marker === undefined ? 'none' : marker === '@revoked' ? 'revoked' : 'cert-authority',
      patterns,
      keyType,
      key,
    });
  });
  return entries;
}

const isMarker = (marker: string | undefined): boolean =>
  marker === undefined || marker === '@revoked' || marker === '@cert-authority';

/** A key blob starts with its own type as a length-prefixed string (RFC 4253, 6.6), which must agree. */
function decodeKey(blob: string, keyType: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return undefined;
  const key = Buffer.from(blob, 'base64');
  return keyTypeOf(key) === keyType ? key : undefined;
}

/** The type that a public key blob names, for example `ssh-ed25519`; empty when it is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}

/** The fingerprint as `ssh-keygen -l` prints it: SHA256 and base64 without padding. */
export function fingerprint(key: Buffer): string {
  return 'SHA256:' + createHash('sha256').update(key).digest('base64').replaceAll('=', '');
}

/**
 * The names under which a host may be listed, most specific first. As in OpenSSH, a port other than 22 is part of
 * the name, and a key listed without it is accepted as well; HostKeyAlias replaces all of it.
 */
export function lookupNames(hostName: string, port: number, alias?: string): string[] {
  if (alias) return [alias.toLowerCase()];
  const host = hostName.toLowerCase();
  return port === 22 ? [host] : [`[${host}]:${port}`, host];
}

/** Entries that apply to one name. */
export function entriesFor(entries: readonly KnownHostEntry[], name: string): KnownHostEntry[] {
  return entries.filter((entry) => matches(entry.patterns, name));
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) return matchesHash(patterns, name);
  let found = false;
  for (const item of patterns.split(',')) {
    const negated = item.startsWith('!');
    if (!wildcard(negated ? item.slice(1) : item, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name keyed with the salt, both base64. */
function matchesHash(pattern: string, name: string): boolean {
  const [, , salt, hash] = pattern.split('|');
  if (!salt || !hash) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/**
 * Whether `*` and `?` of a pattern can stand for the rest of a name. Steps back to the last `*` alone, so that a pattern of many stars costs
 * no more than its length times that of the name.
 */
function wildcard(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < name.length;) {
    if (wanted[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === name[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}

/**
 * What the entries say about a server's key.
 *
 * A host that is known by other keys only counts as changed, also when their type differs: an attacker could
 * otherwise offer a type that is not listed and be asked about as if the host were new.
 */
export function judgeHostKey(
  entries: readonly KnownHostEntry[],
  hostName: string,
  port: number,
  key: Buffer,
  alias?: string,
): HostKeyVerdict {
  const names = lookupNames(hostName, port, alias);
  const revoked = entries.find(
    (e) => e.marker === 'revoked' && e.key.equals(key) && names.some((name) => matches(e.patterns, name)),
  );
  if (revoked) return { kind: 'revoked', entry: revoked };
  for (const [index, name] of names.entries()) {
    const own = entriesFor(entries, name).filter((e) => e.marker === 'none');
    const same = own.find((e) => e.key.equals(key));
    if (same) return { kind: 'known', entry: same };
    const other = own.find((e) => e.keyType === keyTypeOf(key)) ?? own[0];
    // The name without its port may belong to another server on the same machine: it can confirm a host of which
    // nothing else is known, it cannot contradict.
    if (index === 0 && other) return { kind: 'changed', entry: other };
  }
  return { kind: 'unknown' };
}
