module.exports = require('@patterns-tools/presets/jest-built');
