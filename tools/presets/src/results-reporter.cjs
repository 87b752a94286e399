const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Leaves the counts of a run, and how long it took, in a file, which the Nx cache keeps with the run: `npm test` adds them up over all projects. */
module.exports = class ResultsReporter {
  #folder;

  /** @param {{ rootDir: string }} globalConfig */
  constructor({ rootDir }) {
    this.#folder = join(rootDir, '.results');
  }

  /**
   * @param {unknown} _contexts
   * @param {import('@jest/test-result').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
      seconds: Math.round((Date.now() - results.startTime) / 1_000),
    };
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, 'jest.json'), JSON.stringify(counts));
  }
};
