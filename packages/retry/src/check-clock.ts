import type { Clock } from '@patterns/context';
import { checkType } from './check-option.ts';

/** @throws {TypeError} for what lacks one of the two methods */
export function checkClock(option: string, clock: unknown): void {
  const { now, setTimeout } = (clock ?? {}) as Partial<Clock>;
  checkType(option, clock, typeof now === 'function' && typeof setTimeout === 'function', 'a clock');
}
