import type { Clock } from './clock.ts';
import { shown } from './shown.ts';

/** @throws {TypeError} for what lacks one of the two methods */
export function checkClock(clock: unknown): asserts clock is Clock {
  const { now, setTimeout } = (clock ?? {}) as Partial<Clock>;
  if (typeof now === 'function' && typeof setTimeout === 'function') return;
  throw new TypeError(`clock must be a clock, got ${shown(clock)}`);
}
