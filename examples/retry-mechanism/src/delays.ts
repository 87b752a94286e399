import { check, scene, say } from '@patterns-tools/narrator';
import { constant, exponential, type Backoff } from '@patterns/retry';

const columns = 50;
const longestMs = 1_600;

/** The waits that three backoffs choose, drawn to scale. */
export function delays(): void {
  scene('How long to wait');
  say(
    'Five waits of each backoff. Constant ones keep up the load. Exponential ones give way, but clients that failed ' +
      'together come back together. With jitter they do not.',
  );

  plot('constant', constant(400));
  plot('exponential', exponential({ initialMs: 100, jitter: 'none' }));
  const jittered = plot('with full jitter', exponential({ initialMs: 100, jitter: 'full' }));
  check(
    jittered.every((delayMs, n) => delayMs >= 0 && delayMs < 100 * 2 ** n),
    'full jitter chooses anything from nothing to what the exponential backoff would wait',
  );
}

function plot(name: string, backoff: Backoff): number[] {
  const waits = backoff.delays(Math.random);
  const delaysMs = Array.from({ length: 5 }, () => waits.next().value as number);
  console.log(`\n  ${name}`);
  for (const delayMs of delaysMs) {
    const bar = '█'.repeat(Math.max(1, Math.round((delayMs / longestMs) * columns)));
    console.log(`  ${String(Math.round(delayMs)).padStart(6)} ms  ${bar}`);
  }
  return delaysMs;
}
