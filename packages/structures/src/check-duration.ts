import { shown } from '@patterns/context/internal';

/** @throws {RangeError} for what is no number of milliseconds, `Infinity` included, that can pass */
export function checkDuration(option: string, ms: number): void {
  if (!(typeof ms === 'number' && ms >= 0)) {
    throw new RangeError(`${option} must be 0 or more milliseconds, got ${shown(ms)}`);
  }
}
