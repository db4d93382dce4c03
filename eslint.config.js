import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Top to bottom: what stands in one layer may import only that layer and those below it. */
const layers = JSON.parse(readFileSync(join(import.meta.dirname, 'src/layers.json'), 'utf8'));

const pathOf = (layer) => (layer.endsWith('.ts') ? layer : `${layer}/**`);

const forbid = (layer, group, message) => ({
  files: [`src/${pathOf(layer)}`],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
});

/** Imports only point down, and the embedded TICS is a world of its own. The same array is tested in test/layers.test.ts. */
const imports = layers
  .map((layer, index) =>
    forbid(
      layer,
      [
        ...layers.slice(0, index).map((above) => `**/${pathOf(above)}`),
        ...(layer === 'process' ? [] : ['**/sandbox/**']),
      ],
      `${layer} stands below: see src/layers.json.`,
    ),
  )
  .slice(1);

const arrow =
  '> VariableDeclaration > VariableDeclarator[init.type="ArrowFunctionExpression"]:not([id.typeAnnotation])';
const declarationsOnly = 'Functions at the top level are declarations: function name() {}.';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/upstream/generated', '**/__generated__'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-console': 'error',
      // `{ left, ...rest }` is how a property is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: `Program ${arrow}`, message: declarationsOnly },
        { selector: `Program > ExportNamedDeclaration ${arrow}`, message: declarationsOnly },
        {
          selector: 'ObjectExpression > SpreadElement[argument.type="ObjectExpression"]',
          message: 'Write the properties themselves: { a, b }, not { ...{ a, b } }.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 80 }] },
  },
  ...imports,
  forbid(
    'sandbox',
    layers.filter((layer) => !layer.endsWith('.ts')).map((layer) => `**/../${pathOf(layer)}`),
    'The embedded TICS imports nothing of the gateway.',
  ),
  {
    files: ['test/**/*.ts'],
    ignores: ['test/support/{directory,setup}.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:fs', 'node:fs/promises'].map((name) => ({
            name,
            importNames: ['mkdtemp', 'mkdtempSync'],
            message: 'makeDirectory of test/support/directory.ts makes one that is deleted when the test file ends.',
          })),
        },
      ],
    },
  },
  // Examples print what they show.
  {
    files: ['examples/**'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-unused-expressions': ['error', { allowTaggedTemplates: true }],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
