import { resolve } from 'node:path';

import { tsImport } from 'tsx/esm/api';

/** @type {typeof import('../src/api/check-api.ts')} */
const { checkApi } = await tsImport('../src/api/check-api.ts', import.meta.url);

const problems = await checkApi(resolve(process.argv[2] ?? '.'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
