import type { Consumer } from '../consumer.ts';
import { commonjsConsumer } from './commonjs.ts';
import { esmConsumer } from './esm.ts';

/** Both kinds of module on another Node.js than the one that runs the rehearsal. */
export const nodeVersionConsumer = (major: number, node: string): Consumer => ({
  name: `Node ${major}`,
  async use(project, run) {
    for (const consumer of [esmConsumer(node), commonjsConsumer(node)]) await consumer.use(project, run);
  },
});
