import { checkType } from '@patterns/context/internal';
import type { Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';

/**
 * Exactly these delays, then no further attempt: `sequence([100, 500])` allows three calls, whatever more `maxAttempts` does.
 *
 * @throws {TypeError} if `delaysMs` is no array
 * @throws {RangeError} for a delay that is negative or not finite
 */
export function sequence(delaysMs: readonly number[]): Backoff {
  checkType('delaysMs', delaysMs, Array.isArray(delaysMs), 'an array');
  const delays = [...delaysMs];
  for (const [index, delayMs] of delays.entries()) checkFiniteMs(`delaysMs[${index}]`, delayMs);
  return { delays: () => delays.values() };
}
