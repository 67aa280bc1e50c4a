/** A folder as nobody should have it: two hundred files, links and configurations that are there to harm, among good ones. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { sources } from './sources';

export interface HostileTree {
  /** The good files; each has exactly one finding. */
  readonly good: readonly string[];
  /** How many things are there to harm. */
  readonly hostile: number;
  /** What could not be made here, and why. */
  readonly left: readonly string[];
  close(): Promise<void>;
}

/** Configurations in folders of their own, each beside a good file. */
const configurations: Readonly<Record<string, string | ((file: string) => void)>> = {
  deep: '['.repeat(200_000),
  'deep-rules': `{"rules":${'{"a":'.repeat(50_000)}`,
  huge: (file) => {
    writeFileSync(file, '{}');
    truncateSync(file, 300_000_000);
  },
  pagemap: (file) => symlinkSync('/proc/self/pagemap', file),
  zero: (file) => symlinkSync('/dev/zero', file),
  loop: (file) => symlinkSync(path.basename(file), file),
  pipe: (file) => void spawnSync('mkfifo', [file]),
  folder: (file) => void mkdirSync(file),
  wild: JSON.stringify({ exclude: [`${'*a'.repeat(200)}z`, `${'**/'.repeat(150)}z`] }),
  unknown: JSON.stringify({
    rules: Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`rule-${at}`, 'off'])),
  }),
  proto: '{"rules":{"__proto__":"off","constructor":"off"},"wrappers":{"__proto__":"x"}}',
  broken: '{"rules":',
  binary: '\0\0\0\0',
};

/**
 * Makes the tree.
 * @param root an empty folder
 * @param good the text of a good file, which has one finding
 */
export async function hostileTree(root: string, good: string): Promise<HostileTree> {
  const at = (...names: string[]): string => path.join(root, ...names);
  const left: string[] = [];
  const goods: string[] = [];
  let hostile = 0;
  const addGood = (...names: string[]): void => {
    writeFileSync(at(...names), good);
    goods.push(at(...names));
  };
  const harm = (make: () => void): void => {
    make();
    hostile++;
  };

  // Beside each other, so that each of them may be looked at for the sake of each good one.
  mkdirSync(at('driver'));
  for (const name of ['a_good.c', 'm_good.c', 'z_good.c']) addGood('driver', name);
  for (const [name, text] of sources(good)) harm(() => writeFileSync(at('driver', name), text));

  mkdirSync(at('links'));
  addGood('links', 'good.c');
  const links: [string, string][] = [
    ['self.c', 'self.c'],
    ['one.c', 'two.c'],
    ['two.c', 'one.c'],
    ['nowhere.c', 'no-such-file'],
    ['pagemap.c', '/proc/self/pagemap'],
    ['mem.c', '/proc/self/mem'],
    ['kmsg.c', '/proc/kmsg'],
    ['zero.c', '/dev/zero'],
    ['random.h', '/dev/urandom'],
    ['tty.c', '/dev/tty'],
    ['stdin.c', '/proc/self/fd/0'],
    ['up', '..'],
    ['here', '.'],
    ['root.c', '/'],
  ];
  for (const [name, to] of links) harm(() => symlinkSync(to, at('links', name)));
  for (let each = 0; each < 20; each++)
    harm(() => symlinkSync(`../links/loop${each}`, at('links', `loop${each}.c`)));

  mkdirSync(at('special'));
  addGood('special', 'good.c');
  harm(() => spawnSync('mkfifo', [at('special', 'pipe.c')]));
  harm(() => mkdirSync(at('special', 'folder.c')));
  harm(() => {
    writeFileSync(at('special', 'sparse.c'), 'vfio');
    truncateSync(at('special', 'sparse.c'), 2 ** 40);
  });
  const socket = await listening(at('special', 'socket.c'));
  hostile++;
  if (process.getuid?.() === 0) {
    const made = spawnSync('mknod', [at('special', 'device.c'), 'c', '1', '5']);
    if (made.status === 0) hostile++;
    else left.push('a device node: mknod is not allowed here');
    left.push('a closed folder: root can enter it');
  } else {
    left.push('a device node: only root can make one');
    harm(() => {
      mkdirSync(at('closed'));
      writeFileSync(at('closed', 'inner.c'), good);
      symlinkSync('../closed/inner.c', at('links', 'closed.c'));
      chmodSync(at('closed'), 0);
    });
  }

  for (const [name, made] of Object.entries(configurations)) {
    mkdirSync(at(`configuration-${name}`));
    const file = at(`configuration-${name}`, '.ism-lint.json');
    harm(() => (typeof made === 'string' ? writeFileSync(file, made) : made(file)));
    addGood(`configuration-${name}`, 'good.c');
  }

  let deep = at('nested');
  for (let each = 0; each < 900; each++) deep = path.join(deep, 'd');
  harm(() => mkdirSync(deep, { recursive: true }));
  writeFileSync(path.join(deep, 'good.c'), good);
  goods.push(path.join(deep, 'good.c'));

  mkdirSync(at('names'));
  for (const name of [
    'a\nb.c',
    '%2e.c',
    '#x.c',
    '?q.c',
    ' .c',
    '*.c',
    'good\u202e.c',
    '\u001b[31m.c',
    '-rf.c',
  ])
    harm(() => addGood('names', name));

  return {
    good: goods,
    hostile,
    left,
    async close() {
      if (process.getuid?.() !== 0) chmodSync(at('closed'), 0o700);
      await new Promise((resolve) => socket.close(resolve));
    },
  };
}

function listening(file: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(file, () => resolve(server)));
}
