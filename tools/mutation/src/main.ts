import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { mutate } from './mutate.ts';

const usage = 'npm run mutate -- <package> [--file src/<name>.ts]...';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: 'string', multiple: true, default: [] } },
});
const [name = ''] = positionals;
// npm starts a script in the folder of its workspace.
const tool = process.cwd();
const folder = name.includes('/') ? resolve(name) : join(tool, '../../packages', name);

if (positionals.length !== 1 || !existsSync(join(folder, 'jest.config.cjs'))) {
  console.error(`${positionals.length === 1 ? `${name} is no package with tests. ` : ''}Usage: ${usage}`);
  process.exit(2);
}

const reports = join(tool, 'reports', basename(folder));
const { detected, total } = await mutate({
  folder,
  files: values.file,
  reports,
  temporary: join(tool, '.stryker-tmp', basename(folder)),
});
const percent = total === 0 ? 100 : (100 * detected) / total;
console.log(
  `${basename(folder)}: ${detected} of ${total} changes noticed (${percent.toFixed(1)} %), ${reports}/index.html`,
);
