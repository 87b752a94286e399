import { checkBackoff, type Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';

/**
 * The delays of `backoff`, none longer than `maxMs`.
 *
 * @throws {TypeError} if `backoff` is none
 * @throws {RangeError} if `maxMs` is negative or not finite
 */
export function capped(backoff: Backoff, maxMs: number): Backoff {
  checkBackoff('backoff', backoff);
  checkFiniteMs('maxMs', maxMs);
  const bound = Math.min(maxMs, backoff.maxMs ?? Infinity);
  return {
    maxMs: bound,
    *delays(random) {
      const delays = backoff.delays(random);
      for (let next = delays.next(); next.done !== true; next = delays.next()) yield Math.min(bound, next.value);
    },
  };
}
