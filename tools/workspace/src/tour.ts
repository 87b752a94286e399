import { paint, say, scene } from '@patterns-tools/narrator';
import type { Example } from './examples.ts';
import { runExample, type ExampleResult } from './run-example.ts';

export interface TourOptions {
  /** Longest time for one example. @defaultValue 60_000 */
  readonly timeoutMs?: number;
}

/** Runs examples one after another and sums up. Resolves with the exit code: 1 if one of them failed. */
export async function tour(examples: readonly Example[], options?: TourOptions): Promise<number> {
  const results: ExampleResult[] = [];
  for (const [index, example] of examples.entries()) {
    scene(`[${index + 1}/${examples.length}] ${example.name}`);
    say(example.description);
    const result = await runExample(example, options);
    if (result.interrupted) return result.exitCode;
    results.push(result);
  }
  summarize(results);
  return results.every(({ problem }) => problem === undefined) ? 0 : 1;
}

function summarize(results: readonly ExampleResult[]): void {
  scene('Summary');
  for (const { example, problem, claims, seconds } of results) {
    const outcome = problem === undefined ? paint('green', 'ok    ') : paint('red', 'FAILED');
    const figures = `${String(claims).padStart(3)} checked ${seconds.toFixed(1).padStart(5)} s`;
    console.log(`  ${outcome} ${example.name.padEnd(24)} ${figures}${problem === undefined ? '' : `  ${problem}`}`);
  }
}
