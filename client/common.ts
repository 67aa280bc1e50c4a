/**
 * The classes of errors, which `instanceof` knows by identity: they must exist once although the extension is built as several
 * bundles. scripts/build.mjs makes a bundle of this file, and all others load that.
 */
export * from './base/helperErrors';
export * from './base/userError';
export * from './base/cancelled';
