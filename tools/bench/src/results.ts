import type { MeasuredRow } from './measure-area.ts';
import { table } from './table.ts';

/** What one Node said of one area. */
export interface AreaResult {
  readonly area: string;
  readonly node: string;
  /** When, where and how it was measured. */
  readonly circumstances: string;
  readonly rows: readonly MeasuredRow[];
}

/** With one result for each area and major version of Node, in this order; `result` takes the place of its predecessor. */
export function withResult(results: readonly AreaResult[], result: AreaResult): AreaResult[] {
  const others = results.filter((other) => titleOf(other) !== titleOf(result));
  return [...others, result].sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
}

export function titleOf({ area, node }: AreaResult): string {
  return `${area}, Node ${majorOf(node)}`;
}

export function majorOf(node: string): string {
  return node.replace(/^v(\d+).*/, '$1');
}

const introduction = `# Results

Written by \`npm run bench\`; what it says is explained in the [README](README.md). Nanoseconds per operation, or bytes of heap: the median
over all rounds, then (lowest-highest). **Only ratios inside one row count**: the same machine is twice as fast on another day.
`;

/** RESULTS.md: everything that was measured. */
export function resultsPage(results: readonly AreaResult[]): string {
  return [introduction, ...results.map((result) => `${section(result)}\n`)].join('\n');
}

export function section(result: AreaResult): string {
  return `## ${titleOf(result)}\n\n${result.circumstances}\n\n${table(result.rows)}`;
}
