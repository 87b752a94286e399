import type { Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';

/**
 * The same delay each time, also 0: then the event loop gets its turn between two attempts, and no timer is made.
 * Callers that fail together come back together; add {@link jittered}.
 *
 * @throws {RangeError} if `delayMs` is negative or not finite
 */
export function constant(delayMs: number): Backoff {
  checkFiniteMs('delayMs', delayMs);
  const result = Object.freeze({ done: false, value: delayMs });
  const iterator: Iterator<number, unknown> = { next: () => result };
  return { delays: () => iterator };
}
