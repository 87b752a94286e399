import { shown } from '@patterns/context/internal';

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

/** A delay that a timer can wait for: zero or more, and an end to it. */
export function checkFiniteMs(option: string, value: number): void {
  checkNumber(option, value, value >= 0 && value < Infinity, 'finite and at least 0');
}
