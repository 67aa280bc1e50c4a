/** A burst for spreadsheets and plotting programs. */
import type { BurstRun } from './burstRun';

/**
 * The buckets as RFC 4180 CSV: the least latency of each in nanoseconds, its stores, and how many stores were faster or
 * as fast. What the run was stands in every line, so that files can be put together.
 */
export function burstCsv(run: BurstRun): string {
  const fixed = [run.time, run.host, run.function, run.region, run.offset, run.length].map((value) => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  let total = 0;
  const lines = (run.result.latencyNs?.buckets ?? []).map(([from, count]) => {
    total += count;
    return [...fixed, from, count, total].join(',');
  });
  const head = 'time,host,function,region,offset,length,latencyNs,stores,storesUpTo';
  return [head, ...lines].map((line) => `${line}\r\n`).join('');
}
