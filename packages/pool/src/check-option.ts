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
  checkType(option, value, typeof value === 'number', 'a number');
  if (!inRange) throw new RangeError(`${option} must be ${range}, got ${value}`);
}

/** A whole number from `least`, or `Infinity`. */
export function checkSize(option: string, value: number, least: number): void {
  const inRange = value === Infinity || (Number.isInteger(value) && value >= least);
  checkNumber(option, value, inRange, `an integer of at least ${least}, or Infinity`);
}

/** A duration, `Infinity` included. */
export function checkMs(option: string, value: number): void {
  checkNumber(option, value, value >= 0, 'at least 0 milliseconds');
}

/** @throws {TypeError} for what is there and none of these */
export function checkOneOf(option: string, value: string, choices: readonly string[]): void {
  checkType(option, value, choices.includes(value), `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`);
}

/** @throws {TypeError} for what is there and no text */
export function checkText(option: string, value: unknown): void {
  checkType(option, value, value === undefined || typeof value === 'string', 'a string');
}
