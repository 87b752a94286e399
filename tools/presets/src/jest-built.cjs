/** For examples and tools: they see packages as users do, built. */
module.exports = require('./jest-base.cjs').jestConfig([]);
