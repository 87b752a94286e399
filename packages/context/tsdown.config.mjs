import { definePackage } from '@patterns-tools/presets/tsdown';

export default definePackage({ entries: ['index', 'testing', 'async', 'http', 'process', 'internal'] });
