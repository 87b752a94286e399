import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { assertShown, toJavaScript } from '../snippet.ts';

export const esmConsumer = (node: string): Consumer => ({
  name: 'ES module',
  async use({ folder, snippet }, run) {
    const cwd = await layOut(join(folder, 'esm'), { 'main.mjs': toJavaScript(snippet.code, 'esm') });
    const { stdout } = await run(node, ['main.mjs'], { cwd });
    assertShown(snippet, stdout);
  },
});
