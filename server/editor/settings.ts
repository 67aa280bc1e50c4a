import { defaultLintSettings, type LintInitializationOptions, type LintSettings } from '../../protocol/lint';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The settings in what the client answered; whatever is missing or of the wrong type has its default. */
export function readSettings(value: unknown): LintSettings {
  const { enable, maxFileSizeKiB } = isRecord(value) ? value : {};
  const size = typeof maxFileSizeKiB === 'number' && maxFileSizeKiB > 0 ? maxFileSizeKiB : undefined;
  return {
    enable: typeof enable === 'boolean' ? enable : defaultLintSettings.enable,
    maxFileSizeKiB: size ?? defaultLintSettings.maxFileSizeKiB,
  };
}

/** What the client sent with `initialize`, as far as it makes sense. */
export function readInitializationOptions(value: unknown): LintInitializationOptions {
  const { ruleDocs, asksForReasons } = isRecord(value) ? value : {};
  return { ...(typeof ruleDocs === 'string' ? { ruleDocs } : {}), asksForReasons: asksForReasons === true };
}
