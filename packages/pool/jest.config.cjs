module.exports = require('@patterns-tools/presets/jest-source');
