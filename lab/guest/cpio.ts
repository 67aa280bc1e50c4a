/**
 * Writes archives in the "newc" format of cpio, which the kernel unpacks as its initial root file system (kernel
 * Documentation/driver-api/early-userspace/buffer-format.rst). Archives may follow each other.
 */

const typeDirectory = 0o040000;
const typeFile = 0o100000;
const typeLink = 0o120000;

export interface Owner {
  readonly user: number;
  readonly group: number;
}

const rootOwner: Owner = { user: 0, group: 0 };

/** Collects files; parents of a path are made as needed, owned by root with mode 755. */
export class CpioArchive {
  private readonly parts: Buffer[] = [];
  private readonly folders = new Set<string>();
  private inode = 1;

  directory(path: string, mode = 0o755, owner = rootOwner): void {
    const name = clean(path);
    this.parents(name);
    if (this.folders.has(name)) return;
    this.folders.add(name);
    this.entry(name, typeDirectory | mode, Buffer.alloc(0), owner);
  }

  file(path: string, content: Buffer | string, mode = 0o644, owner = rootOwner): void {
    const name = clean(path);
    this.parents(name);
    this.entry(name, typeFile | mode, Buffer.from(content), owner);
  }

  link(path: string, target: string): void {
    const name = clean(path);
    this.parents(name);
    this.entry(name, typeLink | 0o777, Buffer.from(target), rootOwner);
  }

  /** The whole archive. Nothing can be added afterwards that would appear in it. */
  finish(): Buffer {
    const trailer = [...this.parts, record('TRAILER!!!', 0, 0, Buffer.alloc(0), rootOwner)];
    const bytes = Buffer.concat(trailer);
    // The kernel looks for a further archive at a multiple of four bytes; 512 is what cpio itself pads to.
    return pad(bytes, 512);
  }

  private parents(name: string): void {
    const slash = name.lastIndexOf('/');
    if (slash > 0 && !this.folders.has(name.slice(0, slash))) this.directory(name.slice(0, slash));
  }

  private entry(name: string, mode: number, content: Buffer, owner: Owner): void {
    this.parts.push(record(name, this.inode++, mode, content, owner));
  }
}

/** One entry: a header of 13 eight-digit hexadecimal numbers, the name, the content; both padded to four bytes. */
function record(name: string, inode: number, mode: number, content: Buffer, owner: Owner): Buffer {
  const named = Buffer.from(`${name}\0`);
  const fields = [
    inode,
    mode,
    owner.user,
    owner.group,
    1, // links
    0, // time of change: archives of equal content are equal
    content.length,
    0, // device of the archive, major and minor
    0,
    0, // device number of a node, major and minor
    0,
    named.length,
    0, // checksum, unused in this format
  ];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return Buffer.concat([pad(Buffer.concat([header, named]), 4), pad(content, 4)]);
}

function pad(bytes: Buffer, to: number): Buffer {
  const missing = (to - (bytes.length % to)) % to;
  return missing ? Buffer.concat([bytes, Buffer.alloc(missing)]) : bytes;
}

/** Names in an archive are relative to the root. */
function clean(path: string): string {
  const parts = path.split('/').filter((part) => part && part !== '.');
  if (!parts.length || parts.includes('..'))
    throw new Error(`'${path}' cannot be the name of a file in the guest`);
  return parts.join('/');
}
