import type { Consumer } from '../consumer.ts';
import { commonjs } from './commonjs.ts';
import { esm } from './esm.ts';

/** Both kinds of module on another Node.js than the one that runs the rehearsal. */
export const nodeVersion = (major: number, node: string): Consumer => ({
  name: `Node ${major}`,
  async use(project, run) {
    for (const consumer of [esm(node), commonjs(node)]) await consumer.use(project, run);
  },
});
