/** The journal for other programs: JSON lines, CSV, and C that repeats a store with `pwrite`. */
import { regionName } from '../words/describe';
import type { StoreRecord } from './journal';

/** One record a line, as in the journal's own file. */
export function toJsonLines(records: readonly StoreRecord[]): string {
  return records.map((record) => JSON.stringify(record) + '\n').join('');
}

const COLUMNS = [
  'time',
  'host',
  'target',
  'function',
  'fid',
  'region',
  'offset',
  'length',
  'data',
  'outcome',
  'count',
  'durationNs',
  'error',
  'script',
  'planned',
  'step',
  'sent',
  'failed',
  'id',
] as const satisfies readonly (keyof StoreRecord)[];

/** RFC 4180 with a header line; cells that a spreadsheet would take for a formula get an apostrophe in front. */
export function toCsv(records: readonly StoreRecord[]): string {
  const cell = (value: string | number | null | undefined): string => {
    const text = String(value ?? '');
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = records.map((record) => COLUMNS.map((column) => cell(record[column])).join(','));
  return [COLUMNS.join(','), ...lines].map((line) => line + '\r\n').join('');
}

/** Names in a comment: nothing that ends it, nothing that is not plain text. */
const commentText = (text: string): string => text.replace(/[^\x20-\x7e]|\*\/|\/\*|\\/g, '?');

/**
 * A function in C that sends the same bytes to the same place with one `pwrite`. The region's place in the file is asked
 * from the driver, because `index << 48` is ism-vfio-pci's own affair.
 */
export function toPwriteC(record: StoreRecord): string {
  const octets = record.data.match(/../g) ?? [];
  const rows: string[] = [];
  for (let at = 0; at < octets.length; at += 8)
    rows.push(
      '\t\t' +
        octets
          .slice(at, at + 8)
          .map((octet) => `0x${octet},`)
          .join(' '),
    );
  const place = `${regionName(record.region)} ${record.offset} of ${record.function} on ${record.host}`;
  return `#include <errno.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * ${record.length} bytes to ${commentText(place)}, sent ${commentText(record.time)}: ${record.outcome}.
 * Under ism_vfio_pci one pwrite is one PCISTB. It can write another system's memory.
 * device: the fd of the vfio device. Returns 0, or a negative errno.
 */
static int ism_store(int device)
{
	static const unsigned char data[${record.length}] = {
${rows.join('\n')}
	};
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.index = ${record.region},
	};
	ssize_t count;

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region) < 0)
		return -errno;
	count = pwrite(device, data, sizeof(data), (off_t)(region.offset + ${record.offset}ULL));
	if (count < 0)
		return -errno;
	return count == (ssize_t)sizeof(data) ? 0 : -EIO; /* a short store has failed */
}
`;
}

/** Whether a record has the text anywhere a person would look for it; an empty text fits all. */
export function matches(record: StoreRecord, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const fields = [
    record.time,
    record.host,
    record.target,
    record.function,
    record.fid,
    regionName(record.region),
    record.offset,
    record.data,
    record.outcome,
    record.error,
    record.script,
  ];
  return fields.some((field) => (field ?? '').toLowerCase().includes(wanted));
}
