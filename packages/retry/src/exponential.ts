import { checkNumber } from '@patterns/context/internal';
import type { Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';
import { checkJitter, withJitter, type Jitter } from './jitter.ts';

export interface ExponentialOptions {
  /** The first delay, before jitter; above 0. @defaultValue 100 */
  readonly initialMs?: number | undefined;
  /** What each delay is multiplied by to get the next; at least 1. @defaultValue 2 */
  readonly factor?: number | undefined;
  /** Upper bound of every delay, the first and the jittered included. @defaultValue 30_000 */
  readonly maxMs?: number | undefined;
  /** @defaultValue `'full'` */
  readonly jitter?: Jitter | undefined;
}

/**
 * Delays that grow by the same factor: `min(maxMs, initialMs * factor ** n)`, n from 0, with jitter. They stay at the maximum however many
 * there are. Full jitter is the default because callers that fail together would otherwise all come back in the same millisecond.
 *
 * @throws {RangeError} for an option that is negative or not finite, `initialMs` 0, `factor` below 1, and a jitter outside of [0, 1]
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  const { initialMs = 100, factor = 2, maxMs = 30_000, jitter = 'full' } = options;
  checkNumber('initialMs', initialMs, initialMs > 0 && initialMs < Infinity, 'finite and above 0');
  checkNumber('factor', factor, factor >= 1 && factor < Infinity, 'finite and at least 1');
  checkFiniteMs('maxMs', maxMs);
  checkJitter(jitter);
  return {
    maxMs,
    *delays(random) {
      // `factor ** n` ends in Infinity, which the maximum turns into a delay again: nothing overflows.
      for (let n = 0; ; n++) {
        yield Math.min(maxMs, withJitter(Math.min(maxMs, initialMs * factor ** n), jitter, random));
      }
    },
  };
}
