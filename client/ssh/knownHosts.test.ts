import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { utils } from 'ssh2';
import { fingerprint, judgeHostKey, parseKnownHosts } from './knownHosts';
import { UserError } from '../base/userError';

const ed = utils.generateKeyPairSync('ed25519').public.trim();
const other = utils.generateKeyPairSync('ed25519').public.trim();
const ecdsa = utils.generateKeyPairSync('ecdsa', { bits: 256 }).public.trim();
const blob = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64');
const hashed = (name: string): string => {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

/** The verdict on `key` for host:port when known_hosts has these lines. */
function judge(lines: string[], key: string, host = 'zhost', port = 22, alias?: string): string {
  return judgeHostKey(parseKnownHosts(lines.join('\n'), 'known_hosts'), host, port, blob(key), alias).kind;
}

describe('known_hosts', () => {
  const cases: [string, string, string[], string, string?, number?, string?][] = [
    ['a plain name', 'known', [`zhost ${ed}`], ed],
    ['no line', 'unknown', [], ed],
    ['another host', 'unknown', [`other ${ed}`], ed],
    ['a comment and a blank line', 'known', ['# zhost', '', `zhost ${ed} me@there`], ed],
    ['one name of several', 'known', [`a,zhost,b ${ed}`], ed],
    ['a name in capitals', 'known', [`ZHost ${ed}`], ed],
    ['a wildcard', 'known', [`z*t ${ed}`], ed],
    ['a question mark', 'known', [`zh?st ${ed}`], ed],
    ['a dot that is not any character', 'unknown', [`z.ost ${ed}`], ed],
    ['a negation', 'unknown', [`!zhost,z* ${ed}`], ed],
    ['a negation of another host', 'known', [`z*,!other ${ed}`], ed],
    ['a hashed name', 'known', [`${hashed('zhost')} ${ed}`], ed],
    ['another hashed name', 'unknown', [`${hashed('other')} ${ed}`], ed],
    ['another key', 'changed', [`zhost ${other}`], ed],
    ['another key of another type only', 'changed', [`zhost ${ecdsa}`], ed],
    ['several keys', 'known', [`zhost ${other}`, `zhost ${ecdsa}`, `zhost ${ed}`], ed],
    ['a port', 'known', [`[zhost]:2222 ${ed}`], ed, 'zhost', 2222],
    ['a hashed port', 'known', [`${hashed('[zhost]:2222')} ${ed}`], ed, 'zhost', 2222],
    ['another port', 'unknown', [`[zhost]:2222 ${ed}`], ed, 'zhost', 2223],
    ['the name without its port confirms', 'known', [`zhost ${ed}`], ed, 'zhost', 2222],
    ['the name without its port does not contradict', 'unknown', [`zhost ${other}`], ed, 'zhost', 2222],
    [
      'the name without its port does not outweigh another key with it',
      'changed',
      [`zhost ${ed}`, `[zhost]:2222 ${other}`],
      ed,
      'zhost',
      2222,
    ],
    ['an alias', 'known', [`alias ${ed}`, `zhost ${other}`], ed, 'zhost', 2222, 'alias'],
    ['a revoked key', 'revoked', [`zhost ${ed}`, `@revoked * ${ed}`], ed],
    ['a key revoked for another host', 'known', [`zhost ${ed}`, `@revoked other ${ed}`], ed],
    ['a certificate authority is not trusted', 'unknown', [`@cert-authority * ${ed}`], ed],
    ['an SSH 1 line', 'known', ['zhost 1024 35 12345', `zhost ${ed}`], ed],
    ['DOS line ends', 'known', [`zhost ${ed}\r`, '\r'], ed],
  ];
  for (const [name, verdict, lines, key, host, port, alias] of cases)
    it(`${name}: ${verdict}`, () => assert.equal(judge(lines, key, host, port, alias), verdict));

  for (const line of [
    'zhost',
    `zhost ssh-ed25519`,
    `zhost ssh-rsa ${ed.split(' ')[1]}`,
    `@wrong zhost ${ed}`,
    `zhost ssh-ed25519 &&&&`,
  ])
    it(`refuses the line '${line.slice(0, 30)}' and names it`, () =>
      assert.throws(
        () => parseKnownHosts(`# first\n${line}\n`, 'kh'),
        (error) => error instanceof UserError && /kh, line 2,/.test(error.message),
      ));

  it('prints fingerprints as ssh-keygen does', () =>
    assert.match(fingerprint(blob(ed)), /^SHA256:[A-Za-z0-9+/]{43}$/));
});
