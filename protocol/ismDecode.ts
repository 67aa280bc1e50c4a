/**
 * What ISM makes of a store: a place in BAR0 names a buffer, an index, a signal and an offset, and BAR2 holds a command
 * block. Layouts are those of drivers/s390/net/ism.h; every field is big-endian. Nothing here touches a device.
 */

/** BAR0 is the move space, of 256 TiB; BAR2 is the control page. */
const MOVE_REGION = 0;
const CONTROL_REGION = 2;
const MOVE_SIZE = 1n << 48n;

/** A 64-bit value as the journal and the logs write it. */
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Where a store goes, as far as its region and offset tell. */
export type StoreTarget =
  | {
      readonly kind: 'move';
      /** The buffer's token, in hex. */
      readonly token: string;
      /** Whether the token is one of the known ones; undefined when none were given to compare with. */
      readonly known: boolean | undefined;
      /** Which bit of the owner's mask a signal sets. */
      readonly index: number;
      readonly signal: boolean;
      /** Bytes into the buffer. */
      readonly offset: number;
    }
  | {
      readonly kind: 'control';
      /** A store to offset 0 carries the header, which starts the command; the body is written before it. */
      readonly part: 'header' | 'body' | 'inside header';
      readonly offset: string;
    }
  | { readonly kind: 'outside'; readonly region: number; readonly offset: string; readonly why: string };

/**
 * Takes a store's offset apart. ISM_CREATE_REQ joins the parts with `or`, so this holds for tokens whose low 32 bits are
 * zero; what else real functions give out is not known.
 *
 * @param offset in the region, as a test store names it
 * @param knownTokens the tokens of buffers that somebody registered
 */
export function decodeStoreOffset(
  region: number,
  offset: bigint,
  knownTokens?: Iterable<bigint>,
): StoreTarget {
  const outside = (why: string): StoreTarget => ({ kind: 'outside', region, offset: hex(offset), why });
  if (offset < 0n) return { kind: 'outside', region, offset: `-${hex(-offset)}`, why: 'it is negative' };
  if (region === CONTROL_REGION) {
    const part = offset === 0n ? 'header' : offset < BigInt(HEADER_LENGTH) ? 'inside header' : 'body';
    return { kind: 'control', part, offset: hex(offset) };
  }
  if (region !== MOVE_REGION) return outside('ISM gives a meaning to BAR0 and BAR2 only');
  if (offset >= MOVE_SIZE) return outside('it is past the 256 TiB of BAR0');
  const token = offset & ~0xffff_ffffn;
  const known = knownTokens === undefined ? undefined : [...knownTokens].includes(token);
  return {
    kind: 'move',
    token: hex(token),
    known,
    index: Number((offset >> 24n) & 0xffn),
    signal: (offset & 0x80_0000n) !== 0n,
    offset: Number(offset & 0x7f_ffffn),
  };
}

/** A target in one line for logs and journals. */
export function describeStoreTarget(target: StoreTarget): string {
  switch (target.kind) {
    case 'move': {
      const strange = target.known === false ? ' (unknown)' : '';
      const signal = target.signal ? ', signal' : '';
      return `token ${target.token}${strange}, index ${target.index}${signal}, offset ${hex(target.offset)}`;
    }
    case 'control':
      return target.part === 'header' ? 'command header' : `command ${target.part} at ${target.offset}`;
    case 'outside':
      return `${target.offset} of region ${target.region} is no ISM address: ${target.why}`;
  }
}

/** struct ism_req_hdr and ism_resp_hdr: command u32, answer u16 (unused in requests), length u16. */
const HEADER_LENGTH = 8;

/** A field's name in ism.h and how it is stored; `pad` is space without a name. */
type Layout = readonly (readonly [name: string, type: 'u64' | 'u32' | 'pad32' | 'u16[64]'])[];

interface CommandLayout {
  readonly name: string;
  readonly request: Layout;
  readonly response: Layout;
}

const simple = (name: string): CommandLayout => ({ name, request: [], response: [] });
const vlan = (name: string): CommandLayout => ({ name, request: [['vlan_id', 'u64']], response: [] });

/** The 14 commands by their number. */
const commands: ReadonlyMap<number, CommandLayout> = new Map([
  [0x01, { name: 'ISM_REG_SBA', request: [['sba', 'u64']], response: [] }],
  [
    0x02,
    {
      name: 'ISM_REG_IEQ',
      request: [
        ['ieq', 'u64'],
        ['len', 'u64'],
      ],
      response: [],
    },
  ],
  [0x03, { name: 'ISM_READ_GID', request: [], response: [['gid', 'u64']] }],
  [0x04, vlan('ISM_ADD_VLAN_ID')],
  [0x05, vlan('ISM_DEL_VLAN_ID')],
  [0x06, simple('ISM_SET_VLAN')],
  [0x07, simple('ISM_RESET_VLAN')],
  [
    0x08,
    {
      name: 'ISM_QUERY_INFO',
      request: [],
      response: [
        ['version', 'u32'],
        ['max_len', 'u32'],
        ['ism_state', 'u64'],
        ['my_gid', 'u64'],
        ['sba', 'u64'],
        ['ieq', 'u64'],
        ['ieq_len', 'u32'],
        ['', 'pad32'],
        ['dmbs_owned', 'u32'],
        ['dmbs_used', 'u32'],
        ['vlan_required', 'u32'],
        ['vlan_nr_ids', 'u32'],
        ['vlan_id', 'u16[64]'],
      ],
    },
  ],
  [
    0x09,
    {
      name: 'ISM_QUERY_RGID',
      request: [
        ['rgid', 'u64'],
        ['vlan_valid', 'u32'],
        ['vlan_id', 'u32'],
      ],
      response: [],
    },
  ],
  [
    0x0a,
    {
      name: 'ISM_REG_DMB',
      request: [
        ['dmb', 'u64'],
        ['dmb_len', 'u32'],
        ['sba_idx', 'u32'],
        ['vlan_valid', 'u32'],
        ['vlan_id', 'u32'],
        ['rgid', 'u64'],
      ],
      response: [['dmb_tok', 'u64']],
    },
  ],
  [0x0b, { name: 'ISM_UNREG_DMB', request: [['dmb_tok', 'u64']], response: [] }],
  [
    0x0e,
    {
      name: 'ISM_SIGNAL_IEQ',
      request: [
        ['rgid', 'u64'],
        ['trigger_irq', 'u32'],
        ['event_code', 'u32'],
        ['info', 'u64'],
      ],
      response: [],
    },
  ],
  [0x11, simple('ISM_UNREG_SBA')],
  [0x12, simple('ISM_UNREG_IEQ')],
]);

/**
 * What is known of the codes in answers. The kernel tells 0 from the rest and puts 0xffff (ISM_ERROR) where it expects
 * the answer, so that this code means that none came. The others are those of the simulated function alone.
 */
const answers: ReadonlyMap<number, string> = new Map([
  [0x00, 'done'],
  [0x01, 'unknown command (simulated function only)'],
  [0x02, 'bad length (simulated function only)'],
  [0x03, 'bad address (simulated function only)'],
  [0x04, 'already registered (simulated function only)'],
  [0x05, 'not registered (simulated function only)'],
  [0x06, 'bad index (simulated function only)'],
  [0x07, 'bad VLAN (simulated function only)'],
  [0x08, 'no space (simulated function only)'],
  [0x0c, 'no such GID (simulated function only)'],
  [0x0d, 'no such token (simulated function only)'],
  [0xffff, 'no answer (ISM_ERROR)'],
]);

/** The meaning of an answer's code, which says so when it is not known. */
export function answerName(code: number): string {
  return answers.get(code) ?? 'unknown answer';
}

export interface ControlField {
  readonly name: string;
  /** 64-bit values as hex strings, lists as numbers. */
  readonly value: string | number | readonly number[];
}

/** A command block of the control page. */
export interface ControlBlock {
  /** Undefined when not even that is there. */
  readonly command: { readonly code: number; readonly name: string; readonly known: boolean } | undefined;
  /** The length that the header states, with the header. */
  readonly length: number | undefined;
  /** In answers only. */
  readonly answer: { readonly code: number; readonly name: string } | undefined;
  readonly fields: readonly ControlField[];
  /** What is odd or missing, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads a command block from the start of the control page. Requests and answers look alike, so the caller says which
 * it is: what was written, or what was read back.
 *
 * @param bytes header and body in memory order; what is missing at the end is told in the notes
 */
export function decodeControlBlock(bytes: Uint8Array, direction: 'request' | 'response'): ControlBlock {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const notes: string[] = [];
  const fields: ControlField[] = [];
  if (bytes.length < HEADER_LENGTH) {
    notes.push(`The block has ${bytes.length} of the header's ${HEADER_LENGTH} bytes.`);
    return { command: undefined, length: undefined, answer: undefined, fields, notes };
  }
  const code = view.getUint32(0);
  const length = view.getUint16(6);
  const layout = commands.get(code);
  const command = { code, name: layout?.name ?? 'unknown command', known: layout !== undefined };
  const answerCode = view.getUint16(4);
  const answer = direction === 'response' ? { code: answerCode, name: answerName(answerCode) } : undefined;
  const block: ControlBlock = { command, length, answer, fields, notes };
  if (!layout) {
    notes.push(`Command ${hex(code)} is not one of those in ism.h, so its fields are unknown.`);
    return block;
  }
  // The kernel reads nothing after the header of a refused command, so there is nothing to believe.
  if (answer && answer.code !== 0) return block;
  const end = Math.min(bytes.length, length);
  const missing = readFields(view, layout[direction], end, fields);
  if (missing) {
    const cause = length < bytes.length ? `the header states ${length} bytes` : `only ${end} bytes are there`;
    notes.push(`The block is truncated at ${missing}: ${cause}.`);
  }
  return block;
}

/** Reads what is there whole and returns the name of the first field that is not, if any. */
function readFields(view: DataView, layout: Layout, end: number, fields: ControlField[]): string | undefined {
  let at = HEADER_LENGTH;
  for (const [name, type] of layout) {
    // A list is as long as the count before it says, and its entries after that one mean nothing.
    const listed = type === 'u16[64]' ? Math.min(Number(fields.at(-1)?.value), 64) : 0;
    const size = type === 'u64' ? 8 : type === 'u16[64]' ? listed * 2 : 4;
    if (at + size > end) return name || 'its reserved space';
    if (type === 'u64') fields.push({ name, value: hex(view.getBigUint64(at)) });
    else if (type === 'u32') fields.push({ name, value: view.getUint32(at) });
    else if (type === 'u16[64]') {
      const from = at;
      fields.push({ name, value: Array.from({ length: listed }, (_, i) => view.getUint16(from + 2 * i)) });
    }
    at += size;
  }
  return undefined;
}

/** A block in one line for logs and journals. */
export function describeControlBlock({ command, answer, fields, notes }: ControlBlock): string {
  const values = fields.map(
    ({ name, value }) => `${name} ${typeof value === 'object' ? `[${value.join(' ')}]` : value}`,
  );
  const name = command && (command.known ? command.name : `${command.name} ${hex(command.code)}`);
  const said = answer && `answer ${hex(answer.code)}, ${answer.name}`;
  return [[name, said, ...values].filter(Boolean).join(', '), ...notes].filter(Boolean).join('; ');
}
