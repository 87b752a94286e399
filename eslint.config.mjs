import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import * as jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/** What may import what. `npm:public` is inferred by Nx for every workspace that is not private. */
const layers = [
  // Never publish a dependency on a private package.
  { sourceTag: 'npm:public', onlyDependOnLibsWithTags: ['npm:public'] },
  { sourceTag: 'layer:foundation', onlyDependOnLibsWithTags: ['layer:foundation'] },
  { sourceTag: 'pkg:errors', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'pkg:context', onlyDependOnLibsWithTags: ['pkg:errors'] },
  { sourceTag: 'layer:pattern', onlyDependOnLibsWithTags: ['layer:foundation'] },
  // Instead of `layer:pattern`: it stands in front of a store that may be down.
  { sourceTag: 'layer:guarded-pattern', onlyDependOnLibsWithTags: ['layer:foundation', 'pkg:breaker'] },
  {
    sourceTag: 'layer:composition',
    onlyDependOnLibsWithTags: ['layer:foundation', 'layer:pattern', 'layer:guarded-pattern'],
  },
  { sourceTag: 'layer:example', onlyDependOnLibsWithTags: ['npm:public', 'layer:narrator'] },
  { sourceTag: 'layer:narrator', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:tool', onlyDependOnLibsWithTags: ['*'] },
  // Everybody's tests import it, so it may import nobody.
  { sourceTag: 'layer:test-kit', onlyDependOnLibsWithTags: [] },
];

/** @param {typeof layers} depConstraints */
const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      depConstraints,
      banTransitiveDependencies: true,
      enforceBuildableLibDependency: false,
      // `test/` imports its own package by name, to see what users see.
      allowCircularSelfDependency: true,
    },
  ],
});

const tests = ['**/*.test.ts', '**/test/**/*.ts'];
const plainJavaScript = ['**/*.{js,mjs,cjs}'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/.results/**', '**/fixtures/**', '**/.nx/**', '**/reports/**', '**/.stryker-tmp/**'] },
  {
    files: ['**/*.{ts,js,mjs,cjs}'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...boundaries(layers),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Node's own errors fail it inside Jest's sandbox: ask for a brand or a shape.
      'no-restricted-syntax': [
        'error',
        { selector: "BinaryExpression[operator='instanceof'][right.name='Error']", message: 'Fails across realms.' },
      ],
    },
  },
  {
    files: tests,
    rules: boundaries(
      layers.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
        sourceTag,
        onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'layer:test-kit'],
      })),
    ),
  },
  {
    files: plainJavaScript,
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        console: 'readonly',
        exports: 'writable',
        module: 'writable',
        process: 'readonly',
        require: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // How a package is built and tested is not part of it.
    files: ['**/*.config.{ts,cjs,mjs}'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['packages/*/package.json'],
    languageOptions: { parser: jsonc },
    plugins: { '@nx': nx },
    rules: {
      '@nx/dependency-checks': [
        'error',
        { ignoredFiles: ['{projectRoot}/*.config.*', '{projectRoot}/**/*.test.ts', '{projectRoot}/test/**/*'] },
      ],
    },
  },
);
