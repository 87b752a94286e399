import type { Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';

export interface FibonacciOptions {
  /** The first delay. @defaultValue 100 */
  readonly initialMs?: number | undefined;
  /** Upper bound of every delay, the first included. @defaultValue 30_000 */
  readonly maxMs?: number | undefined;
}

/**
 * 1, 2, 3, 5, 8 ... times `initialMs`, up to `maxMs`: grows more slowly than {@link exponential}, and is as old as it is popular.
 * Without jitter; add {@link jittered}.
 *
 * @throws {RangeError} for an option that is negative or not finite
 */
export function fibonacci({ initialMs = 100, maxMs = 30_000 }: FibonacciOptions = {}): Backoff {
  checkFiniteMs('initialMs', initialMs);
  checkFiniteMs('maxMs', maxMs);
  return {
    maxMs,
    *delays() {
      // Both terms are capped, so that a sum never leaves the range of numbers.
      let [current, next] = [Math.min(maxMs, initialMs), Math.min(maxMs, 2 * initialMs)];
      for (;;) {
        yield current;
        [current, next] = [next, Math.min(maxMs, current + next)];
      }
    },
  };
}
