import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { asTest, toJavaScript } from '../snippet.ts';

export const nodeTestConsumer = (node: string): Consumer => ({
  name: 'node:test',
  async use({ folder, snippet }, run) {
    const code = `
      import { test } from 'node:test';
      import { deepStrictEqual } from 'node:assert';
      ${asTest(snippet, (printed, shown) => `deepStrictEqual(${printed}, ${shown})`)}`;
    const cwd = await layOut(join(folder, 'node-test'), { 'snippet.test.mjs': toJavaScript(code, 'esm') });
    await run(node, ['--test', 'snippet.test.mjs'], { cwd });
  },
});
