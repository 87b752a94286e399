import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { asTest } from '../snippet.ts';

/** @param modules the `node_modules` with vitest */
export const vitestConsumer = (modules: string): Consumer => ({
  name: 'Vitest 3',
  async use({ folder, snippet }, run) {
    const cwd = await layOut(join(folder, 'vitest'), {
      'package.json': { type: 'module' },
      'snippet.test.ts': asTest(snippet, (printed, shown) => `expect(${printed}).toEqual(${shown})`),
    });
    await run(process.execPath, [join(modules, 'vitest/vitest.mjs'), 'run', '--globals', '--root', cwd], { cwd });
  },
});
