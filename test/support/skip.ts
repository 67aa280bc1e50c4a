/**
 * Skips a test or, in a `before`, all tests of its suite. The reason stands in the title that `npm test` prints at its end.
 *
 * @param context `this` of the test or hook, which must be a `function`
 * @param reason completes "skipped:"
 */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.test;
  // Mocha's types leave out that a hook is a Runnable of the type 'hook'.
  const isHook = runnable !== undefined && 'type' in runnable && runnable.type === 'hook';
  const skipped = isHook ? runnable.parent : runnable;
  if (skipped) skipped.title += ` (skipped: ${reason})`;
  return context.skip();
}
