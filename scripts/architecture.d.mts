import type { Rule } from 'eslint';

/** See architecture.mjs. */
export declare const ARCHITECTURE: Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] } | undefined>
>;
export declare const architecturePlugin: { readonly rules: { readonly imports: Rule.RuleModule } };
/** Whether a file, as a path from the project's root, is a test or helps tests. */
export declare function isTest(file: string): boolean;
/** Why a file may not import a module; undefined when it may. */
export declare function whyForbidden(file: string, specifier: string): string | undefined;
