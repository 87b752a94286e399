import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { asFunction, assertShown, toJavaScript } from '../snippet.ts';

export const commonjsConsumer = (node: string): Consumer => ({
  name: 'CommonJS',
  async use({ folder, snippet }, run) {
    const code = `${asFunction(snippet)}void snippet();\n`;
    const cwd = await layOut(join(folder, 'commonjs'), { 'main.cjs': toJavaScript(code, 'commonjs') });
    const { stdout } = await run(node, ['main.cjs'], { cwd });
    assertShown(snippet, stdout);
  },
});
