/**
 * What must exist once in the extension although it is built as several bundles: classes of errors, which `instanceof`
 * knows by identity, and the translator. scripts/build.mjs makes a bundle of its own of it and has all others load that.
 */
export * from './base/helperErrors';
export * from './base/userError';
export * from './base/l10n';
