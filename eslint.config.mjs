import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Forbids a folder to import from others, so that the architecture of CONTRIBUTING.md cannot erode unseen. */
function boundary(folder, forbidden, packages = []) {
  return {
    files: [`${folder}/**/*.ts`],
    ignores: [`${folder}/**/*.test.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: packages,
          patterns: forbidden.map((name) => ({
            regex: `^(\\.\\./)+${name}(/|$)`,
            message: `${folder}/ must not know ${name}/ (see CONTRIBUTING.md, architecture).`,
          })),
        },
      ],
    },
  };
}

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
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' },
    },
  },
  boundary('protocol', ['client', 'server', 'storescript', 'helper', 'lab', 'test', 'scripts'], ['vscode']),
  boundary('storescript', ['client', 'server', 'helper', 'lab', 'test', 'scripts'], ['vscode', 'ssh2']),
  boundary('server', ['client', 'helper', 'lab', 'test', 'scripts'], ['vscode', 'ssh2']),
  boundary('client', ['server', 'lab', 'test', 'scripts'], ['web-tree-sitter']),
  boundary('lab', ['client', 'server', 'helper', 'test', 'scripts'], ['vscode']),
  boundary('setup', ['client', 'server', 'helper', 'lab', 'test', 'scripts'], ['vscode']),
  boundary(
    'server/rules',
    ['report'],
    [
      { name: 'vscode-languageserver/node', message: 'Rules know nothing of LSP.' },
      { name: 'vscode-languageserver', message: 'Rules know nothing of LSP.' },
    ],
  ),
);
