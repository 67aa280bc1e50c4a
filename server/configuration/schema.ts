import * as v from 'valibot';
import { rules } from '../rules/rules';

/** What can be set for a rule: how much its findings weigh, or that it does not run. */
export const levels = ['off', 'info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

const levelNames = levels.join(', ');

const rulesSchema = v.pipe(
  v.strictObject(
    Object.fromEntries(
      rules.map(({ id, title }) => [
        id,
        v.optional(
          v.pipe(v.picklist(levels, `A rule must be set to one of ${levelNames}.`), v.description(title)),
        ),
      ]),
    ),
    'rules must be an object such as { "RULE": "off" }.',
  ),
  v.description('Severity per rule; off disables it.'),
);

const patternsSchema = v.pipe(
  v.array(
    v.pipe(
      v.string('A pattern must be a string.'),
      v.nonEmpty('A pattern must not be empty.'),
      v.maxLength(500, 'A pattern has at most 500 characters.'),
    ),
    'Patterns must be in an array.',
  ),
  v.maxLength(500, 'There are at most 500 patterns.'),
);

const wrappersSchema = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/, 'This is not the name of a function.')),
    v.pipe(
      v.string('The function that a wrapper stands for must be a string.'),
      v.regex(/^[A-Za-z_]\w*$/, 'This is not the name of a function.'),
    ),
    'wrappers must be an object such as { "my_copy": "copy_to_user" }.',
  ),
  v.description(
    'Functions defined elsewhere, and the known function that each stands for; both take the same arguments.',
  ),
);

const overrideSchema = v.strictObject(
  {
    paths: v.pipe(
      patternsSchema,
      v.description('The files, as .gitignore patterns relative to this folder.'),
    ),
    rules: rulesSchema,
  },
  'An override must be an object with paths and rules.',
);

const entries = {
  rules: v.optional(rulesSchema),
  overrides: v.optional(
    v.pipe(
      v.array(overrideSchema, 'Overrides must be in an array.'),
      v.maxLength(100, 'There are at most 100 overrides.'),
      v.description('Other severities for some files. The last match wins.'),
    ),
  ),
  exclude: v.optional(
    v.pipe(patternsSchema, v.description('Files to skip, as .gitignore patterns relative to this folder.')),
  ),
  wrappers: v.optional(wrappersSchema),
};

/** What `.ism-lint.json` may hold; the settings `ism.lint.*` of the same names hold the same. */
export const configurationSchema = v.strictObject(
  { $schema: v.optional(v.string()), ...entries },
  'The configuration must be an object.',
);

/** A configuration as it is written. */
export type Configuration = v.InferOutput<typeof configurationSchema>;

/** The rules of a configuration by name. */
export type Levels = Readonly<Partial<Record<string, Level>>>;
