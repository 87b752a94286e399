import { stripVTControlCharacters } from 'node:util';
import type { Example } from './examples.ts';
import { untilInterrupted, type Ending } from './interruption.ts';
import { ProcessGroup } from './process-group.ts';

export interface ExampleResult extends Ending {
  readonly example: Example;
  /** Why it counts as failed. */
  readonly problem: string | undefined;
  /** What it checked: its lines that begin with ✓ or ✗. */
  readonly claims: number;
  readonly seconds: number;
}

/** Runs an example with its output passed through, for a minute at most. */
export async function runExample(example: Example, { timeoutMs = 60_000 } = {}): Promise<ExampleResult> {
  const started = performance.now();
  const marks: string[] = [];
  const group = new ProcessGroup(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: example.folder,
    // It writes to a pipe, but what it writes ends up here.
    env: process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env,
    onLine(line) {
      console.log(line);
      const [mark] = stripVTControlCharacters(line).trimStart();
      if (mark === '✓' || mark === '✗') marks.push(mark);
    },
  });
  let timedOut = 0;
  const timer = setTimeout(() => {
    timedOut = timeoutMs;
    void group.end();
  }, timeoutMs);
  const ending = await untilInterrupted(group);
  clearTimeout(timer);

  return {
    ...ending,
    example,
    problem: problemOf(ending, marks, timedOut),
    claims: marks.length,
    seconds: (performance.now() - started) / 1_000,
  };
}

function problemOf({ exitCode }: Ending, marks: readonly string[], timedOutAfterMs: number): string | undefined {
  if (timedOutAfterMs > 0) return `took longer than ${timedOutAfterMs / 1_000} s`;
  if (marks.includes('✗')) return 'a claim did not hold';
  if (exitCode !== 0) return `ended with exit code ${exitCode}`;
  return marks.length === 0 ? 'printed nothing to check' : undefined;
}
