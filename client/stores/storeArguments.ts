/** What keybindings and tasks give *Test Store* in advance; people write it by hand, so it is read with care. */
import * as v from 'valibot';
import { UserError } from '../base/userError';

const Schema = v.strictObject({
  /** The host's name in the view. */
  host: v.optional(v.string()),
  /** A PCI address such as `0051:00:00.0`. */
  function: v.optional(v.string()),
  /** The index of VFIO_DEVICE_GET_REGION_INFO: 0 is BAR0. */
  region: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** An expression, see offsetExpression.ts. */
  offset: v.optional(v.string()),
  /** See storeData.ts. */
  data: v.optional(v.string()),
});

/** What is missing is asked for; the store is confirmed all the same. */
export type StoreArguments = v.InferOutput<typeof Schema>;

/** @throws UserError that names the argument that cannot be used */
export function readStoreArguments(given: unknown): StoreArguments {
  const read = v.safeParse(Schema, given ?? {});
  if (read.success) return read.output;
  const [issue] = read.issues;
  const field = v.getDotPath(issue);
  if (!field)
    throw new UserError(
      'The arguments of this store must be an object with host, function, region, offset, data.',
    );
  throw new UserError(
    field in Schema.entries
      ? `The argument '${field}' of this store cannot be used; ${expected(field)}.`
      : `A store has no argument '${field}'; it has host, function, region, offset and data.`,
  );
}

const expected = (field: string): string =>
  field === 'region'
    ? 'give the index as a whole number, 0 for BAR0'
    : 'give it as a text in quotes, since 64-bit numbers do not fit into JSON';
