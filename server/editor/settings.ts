import {
  defaultLintSettings,
  lintSection,
  type LintInitializationOptions,
  type LintSettings,
} from '../../protocol/lint';
import { checkConfiguration } from '../configuration/read';
import type { Configuration } from '../configuration/schema';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The settings of an editor: how to lint, and what holds where no `.ism-lint.json` says otherwise. */
export interface Settings extends LintSettings {
  readonly configuration: Configuration;
  /** One sentence for each value that was left out because it makes no sense. */
  readonly problems: readonly string[];
}

/** What holds before the client was asked. */
export const defaultSettings: Settings = { ...defaultLintSettings, configuration: {}, problems: [] };

/**
 * What is set below `ism.lint` in what a client sends of its own accord: the section itself, or the settings around it,
 * nested or with dots in their names, since no two editors agree. Null is a setting that is not set.
 */
export function sectionIn(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) return {};
  const ism = isRecord(value['ism']) ? value['ism'] : {};
  const dotted = Object.entries(value).flatMap(([name, each]) =>
    name.startsWith(`${lintSection}.`) ? [[name.slice(lintSection.length + 1), each] as const] : [],
  );
  const parts = [value, ism['lint'], value[lintSection], Object.fromEntries(dotted)].filter(isRecord);
  return Object.fromEntries(
    parts.flatMap((part) => Object.entries(part)).filter(([, each]) => each !== null && each !== undefined),
  );
}

/** The settings in what the client answered; whatever is missing or of the wrong type has its default. */
export function readSettings(value: unknown): Settings {
  const { enable, maxFileSizeKiB, workspace, ...rest } = isRecord(value) ? value : {};
  const size = typeof maxFileSizeKiB === 'number' && maxFileSizeKiB > 0 ? maxFileSizeKiB : undefined;
  // Editors send every setting they know, and null for those that are not set.
  const shared = Object.fromEntries(
    ['rules', 'overrides', 'exclude', 'wrappers'].flatMap((name) =>
      rest[name] === undefined || rest[name] === null ? [] : [[name, rest[name]]],
    ),
  );
  const { configuration, problems } = checkConfiguration(shared, () => ({ start: 0, end: 0 }));
  return {
    enable: typeof enable === 'boolean' ? enable : defaultLintSettings.enable,
    maxFileSizeKiB: size ?? defaultLintSettings.maxFileSizeKiB,
    workspace: typeof workspace === 'boolean' ? workspace : defaultLintSettings.workspace,
    configuration,
    problems: problems.map(({ message }) => message),
  };
}

/** What the client sent with `initialize`, as far as it makes sense. */
export function readInitializationOptions(value: unknown): LintInitializationOptions {
  const { ruleDocs, asksForReasons } = isRecord(value) ? value : {};
  return { ...(typeof ruleDocs === 'string' ? { ruleDocs } : {}), asksForReasons: asksForReasons === true };
}
