import { definePackage } from '@patterns-tools/presets/tsdown';

export default definePackage({ entries: ['index'] });
