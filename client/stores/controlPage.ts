/**
 * ISM's control page (BAR2) decoded by field. A command block is written there and its response read back; layouts as in
 * drivers/s390/net/ism.h, all fields big-endian. Whether a block is a request or a response is told by its length, where
 * the two differ; the header looks the same.
 */

interface Layout {
  readonly name: string;
  /** Fields behind the header: name and bytes; a name of '' is padding. */
  readonly request: readonly Field[];
  readonly response: readonly Field[];
}
type Field = readonly [name: string, bytes: 2 | 4 | 8];

const HEADER = 8;
const VLAN_IDS = 64;

const GID: Field = ['gid', 8];
const QUERY_INFO: readonly Field[] = [
  ['version', 4],
  ['max_len', 4],
  ['ism_state', 8],
  ['my_gid', 8],
  ['sba', 8],
  ['ieq', 8],
  ['ieq_len', 4],
  ['', 4],
  ['dmbs_owned', 4],
  ['dmbs_used', 4],
  ['vlan_required', 4],
  ['vlan_nr_ids', 4],
  ...Array.from({ length: VLAN_IDS }, (_, i): Field => [`vlan_id[${i}]`, 2]),
];
const vlan: Layout['request'] = [['vlan_id', 8]];

const LAYOUTS: Readonly<Record<number, Layout>> = {
  0x01: { name: 'ISM_REG_SBA', request: [['sba', 8]], response: [] },
  0x02: {
    name: 'ISM_REG_IEQ',
    request: [
      ['ieq', 8],
      ['len', 8],
    ],
    response: [],
  },
  0x03: { name: 'ISM_READ_GID', request: [], response: [GID] },
  0x04: { name: 'ISM_ADD_VLAN_ID', request: vlan, response: [] },
  0x05: { name: 'ISM_DEL_VLAN_ID', request: vlan, response: [] },
  0x06: { name: 'ISM_SET_VLAN', request: [], response: [] },
  0x07: { name: 'ISM_RESET_VLAN', request: [], response: [] },
  0x08: { name: 'ISM_QUERY_INFO', request: [], response: QUERY_INFO },
  0x09: {
    name: 'ISM_QUERY_RGID',
    request: [
      ['rgid', 8],
      ['vlan_valid', 4],
      ['vlan_id', 4],
    ],
    response: [],
  },
  0x0a: {
    name: 'ISM_REG_DMB',
    request: [
      ['dmb', 8],
      ['dmb_len', 4],
      ['sba_idx', 4],
      ['vlan_valid', 4],
      ['vlan_id', 4],
      ['rgid', 8],
    ],
    response: [['dmb_tok', 8]],
  },
  0x0b: { name: 'ISM_UNREG_DMB', request: [['dmb_tok', 8]], response: [] },
  0x0e: {
    name: 'ISM_SIGNAL_IEQ',
    request: [
      ['rgid', 8],
      ['trigger_irq', 4],
      ['event_code', 4],
      ['info', 8],
    ],
    response: [],
  },
  0x11: { name: 'ISM_UNREG_SBA', request: [], response: [] },
  0x12: { name: 'ISM_UNREG_IEQ', request: [], response: [] },
};

const lengthOf = (fields: readonly Field[]): number => fields.reduce((sum, [, bytes]) => sum + bytes, HEADER);

/**
 * One line a field: offset, name, value in hex.
 *
 * @param page the control page from its offset 0; what lies behind its end is left out
 * @returns undefined when there is not even a header
 */
export function decodeControlPage(page: Uint8Array): string | undefined {
  if (page.length < HEADER) return undefined;
  const bytes = Buffer.from(page);
  const command = bytes.readUInt32BE(0);
  const length = bytes.readUInt16BE(6);
  const layout = LAYOUTS[command];
  const lines = [
    line(0, 'cmd', bytes.subarray(0, 4), layout?.name ?? 'no command of ism.h'),
    line(4, 'ret', bytes.subarray(4, 6), '0 in a request; 0xffff: the function is gone'),
    line(6, 'len', bytes.subarray(6, 8), `${length} bytes`),
  ];
  if (!layout) return lines.join('\n') + '\n';
  const isResponse = length === lengthOf(layout.response);
  const isRequest = length === lengthOf(layout.request);
  const fields = isResponse ? layout.response : isRequest ? layout.request : undefined;
  if (isResponse && isRequest) lines.push('request and response of this command look the same');
  else if (isResponse) lines.push('a response, by its length');
  else if (isRequest) lines.push('a request, by its length');
  else lines.push('neither a request nor a response of this command has this length');
  let at = HEADER;
  const vlans = fields === QUERY_INFO && bytes.length >= 72 ? bytes.readUInt32BE(68) : 0;
  for (const [name, width] of fields ?? []) {
    if (at + width > bytes.length) {
      lines.push(`what follows was not read; read ${length} bytes or more`);
      break;
    }
    const index = /^vlan_id\[(\d+)\]$/.exec(name)?.[1];
    // Of 64 VLAN ids those are shown that the page counts.
    if (name !== '' && (index === undefined || Number(index) < vlans))
      lines.push(line(at, name, bytes.subarray(at, at + width)));
    at += width;
  }
  return lines.join('\n') + '\n';
}

function line(at: number, name: string, value: Buffer, remark = ''): string {
  const offset = `+0x${at.toString(16).padStart(2, '0')}`;
  const digits = `0x${value.toString('hex')}`.padEnd(20);
  return `${offset}  ${name.padEnd(14)}${digits}${remark}`.trimEnd();
}
