import { nx } from './nx.ts';

/** `npm run check`: everything that CI checks apart from tests. */
export function main(root: string, args: readonly string[]): Promise<number> {
  return nx(root, ['run-many', '-t', 'format', 'lint', 'typecheck', 'build', 'api', 'readme', ...args]);
}
