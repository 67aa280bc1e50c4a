import assert from 'node:assert/strict';
import { parseDestination } from './destination';
import { UserError } from '../base/userError';

describe('destinations', () => {
  const right: [string, object][] = [
    ['lpar1', { host: 'lpar1' }],
    ['root@lpar1.example.com', { host: 'lpar1.example.com', user: 'root' }],
    ['root@10.0.0.1:2222', { host: '10.0.0.1', user: 'root', port: 2222 }],
    ['ssh://me@host:22/', { host: 'host', user: 'me', port: 22 }],
    ['[::1]:2222', { host: '::1', port: 2222 }],
    ['me@[fe80::1%eth0]:22', { host: 'fe80::1%eth0', user: 'me', port: 22 }],
    ['fe80::1', { host: 'fe80::1' }],
    ['my_alias-2', { host: 'my_alias-2' }],
    ['  padded  ', { host: 'padded' }],
  ];
  for (const [text, expected] of right)
    it(`reads ${text}`, () => assert.deepEqual(parseDestination(text), expected));

  const wrong = [
    '',
    ' ',
    'a b',
    '-oProxyCommand=x',
    'me@-x',
    'host:0',
    'host:65536',
    'host:ssh',
    'a;b',
    'a`b`',
    '$(x)',
    'http://x',
    'a@b@c',
  ];
  for (const text of wrong)
    it(`refuses '${text}'`, () => assert.throws(() => parseDestination(text), UserError));
});
