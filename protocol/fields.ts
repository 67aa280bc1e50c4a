/** The values that messages of the helper are made of; every schema of the protocol uses these. */
import * as v from 'valibot';

/** The PCI function's address as sysfs spells it, for example `0051:00:00.0`. */
export const PciAddress = v.pipe(v.string(), v.regex(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/));

/** A 64-bit value. */
export const Hex64 = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/));
/** Bytes in memory order. */
export const HexData = v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/));
/** Texts of the helper are short; anything longer is not one of our messages. */
export const Text = v.pipe(v.string(), v.maxLength(1024));
/** A whole number from 0. */
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const NullableText = v.nullable(Text);
