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
