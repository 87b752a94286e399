import type { Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';

export interface DecorrelatedOptions {
  /** Lower bound of every delay, and what the first is drawn from. @defaultValue 100 */
  readonly baseMs?: number | undefined;
  /** Upper bound of every delay. @defaultValue 30_000 */
  readonly maxMs?: number | undefined;
}

/**
 * Decorrelated jitter: each delay is drawn from the one before, `min(maxMs, uniform(baseMs, 3 * previous))`, with `baseMs` as the first
 * previous. Grows like {@link exponential}, and two callers soon share nothing, not even the attempt at which they are.
 *
 * @throws {RangeError} for an option that is negative or not finite
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function decorrelated({ baseMs = 100, maxMs = 30_000 }: DecorrelatedOptions = {}): Backoff {
  checkFiniteMs('baseMs', baseMs);
  checkFiniteMs('maxMs', maxMs);
  return {
    maxMs,
    *delays(random) {
      for (let previous = baseMs; ;) {
        // Infinity times a random 0 would be NaN.
        const longest = Math.min(Number.MAX_VALUE, 3 * previous);
        previous = Math.min(maxMs, baseMs + random() * (longest - baseMs));
        yield previous;
      }
    },
  };
}
