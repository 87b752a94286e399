import { resolve } from 'node:path';

import { checkReadmes } from './check-readmes.ts';
import { formatProblem } from './problem.ts';

const [root = '../..', project] = process.argv.slice(2);
const { problems, readmes, checked, run } = await checkReadmes(resolve(root), { project });

for (const problem of problems) console.error(formatProblem(problem));
console.log(`${checked} ts blocks in ${readmes} READMEs checked, ${run} run, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
