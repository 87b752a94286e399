import { nx } from './nx.ts';

/**
 * `npm run check`: everything that CI checks apart from tests, of the whole workspace at once; of some projects with arguments for Nx:
 * `npm run check -- -p @patterns/errors`.
 */
export function main(root: string, args: readonly string[]): Promise<number> {
  const each = ['format', 'lint', 'typecheck', 'build', 'api', 'readme'];
  return nx(root, args.length === 0 ? ['run', '@patterns/source:check'] : ['run-many', '-t', ...each, ...args]);
}
