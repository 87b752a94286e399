const { join } = require('node:path');

/**
 * Jest for a workspace, run in CommonJS mode through ts-jest. It only transpiles: types are checked by the `typecheck` target.
 *
 * @param {readonly string[]} conditions export conditions tried before Node's own
 */
exports.jestConfig = (conditions) => ({
  testMatch: ['<rootDir>/{src,test}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': [require.resolve('ts-jest'), { diagnostics: false, tsconfig: join(__dirname, 'tsconfig.jest.json') }],
  },
  // Sources say './ring-buffer.ts'; the compiler turns that into '.js', Jest has to find the source again.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  moduleFileExtensions: ['ts', 'mjs', 'cjs', 'js', 'json', 'node'],
  testEnvironmentOptions: { customExportConditions: [...conditions, 'node', 'require', 'default'] },
  maxWorkers: 1,
  reporters: ['default', join(__dirname, 'results-reporter.cjs')],
});
