import {
  answerName,
  decodeControlBlock,
  decodeStoreOffset,
  describeControlBlock,
  describeStoreTarget,
} from '../../protocol/ismDecode';
import type { StoreRecord } from '../device/stores/storeRecord';

const headerLength = 8;
const controlRegion = 2;

/**
 * One line for each store, the record as the log has it with what it means to ISM as `ism`. A command's body comes in a
 * store before that of its header; a body that is older than the records is told as missing.
 */
export function storeLines(records: readonly StoreRecord[]): string[] {
  const bodies = new Map<string, Buffer>();
  return records.map((record) => {
    const offset = BigInt(record.offset);
    const bytes = Buffer.from(record.bytes, 'hex');
    let ism = describeStoreTarget(decodeStoreOffset(record.region, offset));
    if (record.region === controlRegion && offset === BigInt(headerLength))
      bodies.set(record.function, bytes);
    else if (record.region === controlRegion && offset === 0n) {
      const body = bytes.length === headerLength ? bodies.get(record.function) : undefined;
      bodies.delete(record.function);
      ism = describeControlBlock(
        decodeControlBlock(Buffer.concat([bytes, body ?? Buffer.alloc(0)]), 'request'),
      );
      if (record.command)
        ism += `; answered 0x${record.command.answer.toString(16)}, ${answerName(record.command.answer)}`;
    }
    return JSON.stringify({ ...record, ism });
  });
}
