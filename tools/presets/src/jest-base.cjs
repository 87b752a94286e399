const { join } = require('node:path');

/** Only that: types are checked by the `typecheck` target. On a fresh clone TypeScript would take ten seconds for the files of one package. */
const stripTypes = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
};

/**
 * Jest for a workspace, run in CommonJS mode.
 *
 * @param {readonly string[]} conditions export conditions tried before Node's own
 */
exports.jestConfig = (conditions) => ({
  testMatch: ['<rootDir>/{src,test}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': [require.resolve('@swc/jest'), stripTypes],
  },
  moduleFileExtensions: ['ts', 'mjs', 'cjs', 'js', 'json', 'node'],
  testEnvironmentOptions: { customExportConditions: [...conditions, 'node', 'require', 'default'] },
  maxWorkers: 1,
  // Only for what never ends: on a busy machine a process may take seconds to start.
  testTimeout: 60_000,
  testSequencer: require.resolve('./measures-first.cjs'),
  reporters: ['default', join(__dirname, 'results-reporter.cjs')],
});
