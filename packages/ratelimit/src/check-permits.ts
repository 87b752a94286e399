import { shown } from '@patterns/context/internal';

/** @throws {RangeError} unless it is a whole number from 0 */
export function checkPermits(permits: number, name: 'permits' | 'cost' = 'permits'): void {
  // Whole numbers from 0 are the common case, and the two comparisons are all that they cost.
  if (Number.isSafeInteger(permits) && permits >= 0) return;
  throw new RangeError(`${name} must be an integer of at least 0, got ${shown(permits)}`);
}
