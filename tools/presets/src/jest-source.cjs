/** For published packages: their tests run on sources, so that no build is needed. */
module.exports = require('./jest-base.cjs').jestConfig(['@patterns/source']);
