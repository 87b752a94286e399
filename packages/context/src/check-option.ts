import { shown } from './shown.ts';

/** @throws {TypeError} unless `isType` */
export function checkType(option: string, value: unknown, isType: boolean, type: string): void {
  if (!isType) throw new TypeError(`${option} must be ${type}, got ${shown(value)}`);
}

/** @throws {TypeError} for what is no function */
export function checkFunction(option: string, value: unknown): void {
  checkType(option, value, typeof value === 'function', 'a function');
}

/** @throws {TypeError} for what is there and no function */
export function checkCallback(option: string, value: unknown): void {
  if (value !== undefined) checkFunction(option, value);
}

/** @throws {TypeError} for what is there and no text */
export function checkText(option: string, value: unknown): void {
  checkType(option, value, value === undefined || typeof value === 'string', 'a string');
}

/** @throws {TypeError} unless it is one of them */
export function checkOneOf(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  checkType(option, value, false, choices.map((choice) => `'${choice}'`).join(' or '));
}

/**
 * @throws {TypeError} if `value` is no number
 * @throws {RangeError} unless `inRange`
 */
export function checkNumber(option: string, value: number, inRange: boolean, range: string): void {
  if (typeof value !== 'number') checkType(option, value, false, `a number, ${range}`);
  if (!inRange) throw new RangeError(`${option} must be ${range}, got ${value}`);
}

/** A duration, `Infinity` included; as {@link checkNumber} otherwise. */
export function checkMs(option: string, value: number): void {
  checkNumber(option, value, value >= 0, 'at least 0');
}

/** A whole number from `least`, or `Infinity`; as {@link checkNumber} otherwise. */
export function checkSize(option: string, value: number, least: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return;
  checkNumber(option, value, false, `an integer of at least ${least}, or Infinity`);
}
