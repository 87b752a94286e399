import type { Clock } from '@patterns/context';

/** How a wrong value is shown in a message; never runs code of the value. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/** @throws {TypeError} unless `isType` */
export function checkType(option: string, value: unknown, isType: boolean, type: string): void {
  if (!isType) throw new TypeError(`${option} must be ${type}, got ${shown(value)}`);
}

/**
 * @throws {TypeError} if `value` is no number
 * @throws {RangeError} unless `inRange`
 */
export function checkNumber(option: string, value: number, inRange: boolean, range: string): void {
  checkType(option, value, typeof value === 'number', `a number ${range}`);
  if (!inRange) throw new RangeError(`${option} must be ${range}, got ${value}`);
}

export function checkCount(option: string, value: number): void {
  checkNumber(option, value, Number.isInteger(value) && value >= 1, 'an integer and at least 1');
}

export function checkShare(option: string, value: number): void {
  checkNumber(option, value, value > 0 && value <= 1, 'above 0 and at most 1');
}

/** @throws {TypeError} for what is there and no function */
export function checkFunction(option: string, value: unknown): void {
  checkType(option, value, value === undefined || typeof value === 'function', 'a function');
}

/** @throws {TypeError} for what lacks one of the two methods */
export function checkClock(option: string, clock: unknown): void {
  const { now, setTimeout } = (clock ?? {}) as Partial<Clock>;
  checkType(option, clock, typeof now === 'function' && typeof setTimeout === 'function', 'a clock');
}
