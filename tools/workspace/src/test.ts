import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { nx } from './nx.ts';
import { readResults, type Counts } from './results.ts';
import { allWorkspaces } from './workspaces.ts';

/**
 * `npm test`: the tests of all projects, then how many passed in each and how long it took, and the sum as the last line.
 * A project without a test is a failure. Arguments go to Nx: `npm test -- -p @patterns/errors`.
 */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const workspaces = allWorkspaces(root);
  for (const { folder } of workspaces) rmSync(join(folder, '.results'), { recursive: true, force: true });

  const started = performance.now();
  const exitCode = await nx(root, ['run-many', '-t', 'test', ...args]);
  const seconds = Math.round((performance.now() - started) / 1_000);

  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  const untested: string[] = [];
  for (const { folder, manifest } of workspaces) {
    const results = readResults(folder);
    if (results === undefined && args.length > 0) continue; // not asked for
    const { passed, failed, skipped, seconds: took } = results ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 };
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    if (passed + failed === 0) untested.push(manifest.name);
    console.log(
      `${manifest.name.padEnd(40)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed ${String(took).padStart(5)} s`,
    );
  }
  for (const name of untested) console.log(`${name} ran no test.`);
  console.log(`All tests took ${seconds} s.`);
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
  return exitCode !== 0 ? exitCode : untested.length > 0 || sum.failed > 0 ? 1 : 0;
}
