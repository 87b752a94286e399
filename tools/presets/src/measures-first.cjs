const { default: TestSequencer } = require('@jest/test-sequencer');

/**
 * Test files that measure heap or allocations run before all others. One that uses AsyncLocalStorage, which on Node 20 nobody can undo, makes every promise
 * after it in the process larger and slower: 100 000 calls then take twice as long.
 */
module.exports = class MeasuresFirst extends TestSequencer {
  /**
   * @override
   * @param {import('@jest/test-result').Test[]} tests
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    return [...sorted.filter(measures), ...sorted.filter((test) => !measures(test))];
  }
};

/** @param {{ readonly path: string }} test */
function measures({ path }) {
  return /(leaks|memory|allocation|cost)[^/]*\.test\.ts$/.test(path);
}
