const { jestConfig } = require('./jest-base.cjs');

/**
 * Jest hands these to each file as variables. Looked up in its sandbox, `Math` or `Infinity` costs more than what most calls do: property tests took twice as
 * long. Only what no test of a package replaces, and no module that it loads has a class of its own for.
 */
const builtins = [
  'Array',
  'Error',
  'Infinity',
  'Map',
  'Math',
  'Number',
  'Object',
  'Promise',
  'RangeError',
  'TypeError',
];

/** For published packages: their tests run on sources, so that no build is needed. */
module.exports = { ...jestConfig(['@patterns/source']), sandboxInjectedGlobals: builtins };
