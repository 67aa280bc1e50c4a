import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatDeb822, parseDeb822, parseOneLine, readAptSources, type AptSource } from './aptSources';
import { debianMirror, machineSources, type Machine } from './mirror';

const debian = 'http://mirror.example/debian';

describe("the machine's package sources", () => {
  it('are read in the one-line format, with options and comments', () => {
    const text = `
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg,/usr/share/keyrings/b.gpg] ${debian} bookworm main contrib # why
deb-src ${debian} bookworm main
  deb ${debian}   bookworm-updates  main
deb file:/srv/flat ./
`;
    assert.deepEqual(parseOneLine(text), [
      {
        uri: debian,
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        options: {
          architectures: 'amd64',
          'signed-by': '/usr/share/keyrings/a.gpg /usr/share/keyrings/b.gpg',
        },
      },
      { uri: debian, suites: ['bookworm-updates'], components: ['main'], options: {} },
      { uri: 'file:/srv/flat', suites: ['./'], components: [], options: {} },
    ]);
  });

  it('are read in the deb822 format, with several URIs, comments and stanzas that are off', () => {
    const text = `Types: deb deb-src
# a comment inside
URIs: ${debian} http://second.example/debian
Suites: bookworm
  bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
Components: main
`;
    const sources = parseDeb822(text);
    assert.deepEqual(
      sources.map(({ uri, suites }) => [uri, ...suites]),
      [
        [debian, 'bookworm', 'bookworm-updates'],
        ['http://second.example/debian', 'bookworm', 'bookworm-updates'],
      ],
    );
    assert.match(sources[0]?.options['signed-by'] ?? '', /BEGIN PGP[^]*\n \.\n abc/);
    // What is written for the private apt means the same again, the embedded key included.
    assert.deepEqual(parseDeb822(formatDeb822(sources)), sources);
  });

  it('are collected from the file and the folder, in the order of apt', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'apt-sources-'));
    try {
      assert.deepEqual(readAptSources(folder), []);
      mkdirSync(path.join(folder, 'sources.list.d'));
      writeFileSync(path.join(folder, 'sources.list'), 'deb http://one.example/debian a main\n');
      const stanza = 'Types: deb\nURIs: http://three.example/debian\nSuites: c\nComponents: main\n';
      writeFileSync(path.join(folder, 'sources.list.d/z.sources'), stanza);
      writeFileSync(path.join(folder, 'sources.list.d/b.list'), 'deb http://two.example/debian b main\n');
      writeFileSync(path.join(folder, 'sources.list.d/b.list.save'), 'deb http://no.example/debian b main\n');
      assert.deepEqual(
        readAptSources(folder).map(({ suites }) => suites[0]),
        ['a', 'b', 'c'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the Debian mirror', () => {
  const source = (uri: string, suites: string[], components = ['main'], signedBy?: string): AptSource => ({
    uri,
    suites,
    components,
    options: signedBy ? { 'signed-by': signedBy } : {},
  });
  const machine = (sources: AptSource[], id = 'debian', codename = 'bookworm'): Machine => ({
    id,
    codename,
    sources,
  });
  const third = [
    source('https://third.example/debian', ['stable']),
    source('https://node.example/node_20.x', ['nodistro']),
    source('https://docker.example/linux/debian', ['bookworm'], ['stable']),
  ];
  const security = source('http://mirror.example/debian-security', ['bookworm-security']);

  it('is the main archive among security, third parties and others', () => {
    const sources = [...third, security, source(debian, ['bookworm', 'bookworm-updates'])];
    assert.equal(debianMirror(machine(sources), {}).uri, debian);
  });

  it('is what the environment says, whatever the machine has', () => {
    const found = debianMirror(machine([source(debian, ['bookworm'])]), {
      ISM_DEBIAN_MIRROR: 'file:/srv/debian',
    });
    assert.equal(found.uri, 'file:/srv/debian');
  });

  it('is missed with one sentence that says what to set', () => {
    assert.throws(() => debianMirror(machine([]), {}), /set ISM_DEBIAN_MIRROR/);
    assert.throws(() => debianMirror(machine(third, 'ubuntu', 'noble'), {}), /set ISM_DEBIAN_MIRROR/);
  });

  it("keeps the machine's own keys and drops its restriction of architectures", () => {
    const own: AptSource = {
      ...source(debian, ['bookworm'], ['main'], '/etc/apt/keyrings/own.gpg'),
      options: { 'signed-by': '/etc/apt/keyrings/own.gpg', architectures: 'amd64' },
    };
    const { options } = debianMirror(machine([own]), {});
    assert.match(options['signed-by'] ?? '', /^\/etc\/apt\/keyrings\/own\.gpg/);
    assert.equal(options['architectures'], undefined);
  });

  it("leaves the machine's own release with security fixes and without third parties", () => {
    const sources = [
      ...third,
      security,
      source(debian, ['bookworm', 'bookworm-updates', 'bookworm-backports']),
    ];
    assert.deepEqual(
      machineSources(machine(sources), {}).map(({ uri, suites }) => [uri, ...suites]),
      [
        [security.uri, 'bookworm-security'],
        [debian, 'bookworm', 'bookworm-updates'],
      ],
    );
  });
});
