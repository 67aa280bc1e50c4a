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
          v.pipe(v.picklist(levels, `A rule is set to one of ${levelNames}.`), v.description(title)),
        ),
      ]),
    ),
    'Rules are set in an object, as { "RULE": "off" }.',
  ),
  v.description('How much the findings of a rule weigh, by its name; off switches it off.'),
);

const patternsSchema = v.pipe(
  v.array(
    v.pipe(
      v.string('A pattern is a string.'),
      v.nonEmpty('A pattern is not empty.'),
      v.maxLength(500, 'A pattern has at most 500 characters.'),
    ),
    'Patterns stand in an array.',
  ),
  v.maxLength(500, 'There are at most 500 patterns.'),
);

const wrappersSchema = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/, 'This is no name of a function.')),
    v.pipe(
      v.string('The function that a wrapper stands for is a string.'),
      v.regex(/^[A-Za-z_]\w*$/, 'This is no name of a function.'),
    ),
    'Wrappers are set in an object, as { "my_copy": "copy_to_user" }.',
  ),
  v.description(
    'Functions defined elsewhere, and the known function that each stands for; both take the same arguments.',
  ),
);

const overrideSchema = v.strictObject(
  {
    paths: v.pipe(patternsSchema, v.description('Which files: patterns as in .gitignore, from this folder.')),
    rules: rulesSchema,
  },
  'An override is an object with paths and rules.',
);

const entries = {
  rules: v.optional(rulesSchema),
  overrides: v.optional(
    v.pipe(
      v.array(overrideSchema, 'Overrides stand in an array.'),
      v.maxLength(100, 'There are at most 100 overrides.'),
      v.description('Other levels for some files; the last one that fits counts.'),
    ),
  ),
  exclude: v.optional(
    v.pipe(
      patternsSchema,
      v.description('Files that are not linted: patterns as in .gitignore, from this folder.'),
    ),
  ),
  wrappers: v.optional(wrappersSchema),
};

/** What `.ism-lint.json` may hold; the settings `ism.lint.*` of the same names hold the same. */
export const configurationSchema = v.strictObject(
  { $schema: v.optional(v.string()), ...entries },
  'The configuration is an object.',
);

/** A configuration as it is written. */
export type Configuration = v.InferOutput<typeof configurationSchema>;

/** The rules of a configuration by name. */
export type Levels = Readonly<Partial<Record<string, Level>>>;
