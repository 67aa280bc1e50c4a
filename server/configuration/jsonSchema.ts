import { toJsonSchema } from '@valibot/to-json-schema';
import { configurationSchema } from './schema';

/** The schema of `.ism-lint.json` for editors, which complete and check with it; from the schema that the linter uses. */
export function configurationJsonSchema(): string {
  const schema = toJsonSchema(configurationSchema, {
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === 'picklist' ? { ...jsonSchema, type: 'string' } : undefined,
  });
  return `${JSON.stringify({ title: 'ism-lint', allowComments: true, allowTrailingCommas: true, ...schema }, undefined, 2)}\n`;
}
