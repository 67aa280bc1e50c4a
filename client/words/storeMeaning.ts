/** What a store means to ISM, for the journal: its DMB token, index and signal, or the command it gives. */
import {
  decodeControlBlock,
  decodeStoreOffset,
  describeControlBlock,
  describeStoreTarget,
} from '../../protocol/ismDecode';

/** ISM's regions with a meaning: BAR0 moves data, BAR2 takes commands. */
const MEANT = [0, 2];

/** What was stored where: `offset` and `data` in hex, the bytes in the order of the memory. */
export interface StoredBytes {
  readonly region: number;
  readonly offset: string;
  readonly data: string;
}

/**
 * @param store of the journal, which another version may have written
 * @returns one line, or undefined where a store means nothing to ISM
 */
export function meaningOf(store: StoredBytes): string | undefined {
  if (!MEANT.includes(store.region) || !/^0x[0-9a-f]{1,16}$/i.test(store.offset)) return undefined;
  const target = decodeStoreOffset(store.region, BigInt(store.offset));
  if (target.kind === 'outside') return undefined;
  if (target.kind !== 'control' || target.part !== 'header' || !/^([0-9a-f]{2}){8,}$/i.test(store.data))
    return describeStoreTarget(target);
  return describeControlBlock(decodeControlBlock(Buffer.from(store.data, 'hex'), 'request'));
}
