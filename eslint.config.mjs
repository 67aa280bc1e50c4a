import eslint from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import { architecturePlugin } from './scripts/architecture.mjs';

/**
 * The places where text reaches a person. Each has one function in client/sinks/, which makes it harmless there; text of a peer
 * must not get around it.
 */
const sinks = [
  [
    'MemberExpression[object.object.name="vscode"][object.property.name="window"][property.name=/^(show(Error|Warning|Information)Message|showQuickPick|showInputBox|create(InputBox|QuickPick|Terminal)|withProgress|setStatusBarMessage)$/]',
    'dialogs.ts',
  ],
  [
    'NewExpression[callee.object.name="vscode"][callee.property.name=/^(TestMessage|Diagnostic|DiagnosticRelatedInformation|CodeLens)$/]',
    'rows.ts',
  ],
  ['MemberExpression[object.object.name="vscode"][object.property.name="TestMessage"]', 'rows.ts'],
  [
    'CallExpression[callee.type="MemberExpression"][callee.property.name=/^(appendOutput|createTestItem)$/]',
    'rows.ts',
  ],
  ['NewExpression[callee.property.name="MarkdownString"]', 'none: the client shows no markdown'],
  ['MemberExpression[object.name="console"]', 'terminal.ts'],
  [
    'MemberExpression[object.object.name="process"][object.property.name=/^std(out|err)$/][property.name="write"]',
    'terminal.ts',
  ],
].map(([selector, file]) => ({ selector, message: `Text reaches people through client/sinks/ (${file}).` }));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'artifacts/', '.vscode-test/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { architecture: architecturePlugin },
    rules: { 'architecture/imports': 'error' },
  },
  {
    files: ['client/**/*.ts'],
    ignores: ['client/sinks/**', '**/*.test.ts', '**/*.child.ts'],
    rules: { 'no-restricted-syntax': ['error', ...sinks] },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' },
    },
  },
  {
    // A text of a stranger must not keep a program busy; test/source/growth measures what these rules cannot see.
    files: ['client/**/*.ts', 'server/**/*.ts', 'storescript/**/*.ts', 'protocol/**/*.ts'],
    ignores: ['**/*.test.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  {
    files: ['server/**/*.ts', 'storescript/**/*.ts'],
    // What these read belongs to the program itself.
    ignores: [
      '**/*.test.ts',
      'server/start/*.ts',
      'server/rules/testing/*.ts',
      'server/syntax/parser.ts',
      'server/commandLine/pages.ts',
      'server/commandLine/commandLine.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'ImportSpecifier[imported.name=/^(readFile|readFileSync|open|openSync|read|readSync|createReadStream)$/]',
          message:
            'Files are read by readCapped() of protocol/cappedFile.ts: regular files only, never more than a cap.',
        },
      ],
    },
  },
);
