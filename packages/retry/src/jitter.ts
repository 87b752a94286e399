import { checkNumber, shown } from '@patterns/context/internal';
import { checkBackoff, type Backoff } from './backoff.ts';

/**
 * Of a delay d, uniformly: `'full'` [0, d), `'equal'` [d/2, d), a number f in [0, 1] from d * (1 - f) to d * (1 + f).
 * `'full'` spreads callers best; `'equal'` guarantees some pause; a number keeps the mean. What caps the delay caps the result as well.
 */
export type Jitter = 'none' | 'full' | 'equal' | number;

/**
 * @throws {TypeError} for what is neither a number nor one of the names
 * @throws {RangeError} for another name, or a number outside of [0, 1]
 */
export function checkJitter(jitter: Jitter): void {
  if (jitter === 'none' || jitter === 'full' || jitter === 'equal') return;
  if (typeof jitter === 'string') {
    throw new RangeError(`jitter must be 'none', 'full', 'equal' or a number from 0 to 1, got ${shown(jitter)}`);
  }
  checkNumber('jitter', jitter, jitter >= 0 && jitter <= 1, 'from 0 to 1');
}

/** To which the sum of two halves may round up. */
const largestBelow1 = 1 - Number.EPSILON / 2;

export function withJitter(delayMs: number, jitter: Jitter, random: () => number): number {
  switch (jitter) {
    case 'none':
      return delayMs;
    case 'full':
      return delayMs * random();
    case 'equal':
      return delayMs * Math.min(0.5 + 0.5 * random(), largestBelow1);
    default:
      return delayMs * (1 - jitter + 2 * jitter * random());
  }
}

/**
 * Spreads the delays of `backoff` at random. Its maximum, if it has one, still holds.
 *
 * @throws {TypeError} if `backoff` is none, or `jitter` is neither a name nor a number
 * @throws {RangeError} for another name, or a number outside of [0, 1]
 */
export function jittered(backoff: Backoff, jitter: Jitter): Backoff {
  checkBackoff('backoff', backoff);
  checkJitter(jitter);
  const { maxMs = Infinity } = backoff;
  return {
    maxMs: backoff.maxMs,
    *delays(random) {
      const delays = backoff.delays(random);
      for (let next = delays.next(); next.done !== true; next = delays.next()) {
        yield Math.min(maxMs, withJitter(next.value, jitter, random));
      }
    },
  };
}
