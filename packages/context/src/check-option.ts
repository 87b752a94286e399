import { shown } from './shown.ts';

// Calls have options too. What is right takes a comparison each; the text of what is wrong stays out of the way, so that V8 inlines the rest.

/** @throws {TypeError} unless `isType` */
export function checkType(option: string, value: unknown, isType: boolean, type: string): void {
  if (!isType) throw wrongType(option, value, type);
}

/** @throws {TypeError} for what is no function */
export function checkFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongType(option, value, 'a function');
}

/** @throws {TypeError} for what is there and no function */
export function checkCallback(option: string, value: unknown): void {
  if (value !== undefined) checkFunction(option, value);
}

/** @throws {TypeError} for what is there and no text */
export function checkText(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') throw wrongType(option, value, 'a string');
}

/** @throws {TypeError} unless it is one of them */
export function checkOneOf(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw wrongType(option, value, choices.map((choice) => `'${choice}'`).join(' or '));
}

/**
 * @throws {TypeError} if `value` is no number
 * @throws {RangeError} unless `inRange`
 */
export function checkNumber(option: string, value: number, inRange: boolean, range: string): void {
  if (typeof value !== 'number' || !inRange) throw wrongNumber(option, value, range);
}

/** A duration, `Infinity` included; as {@link checkNumber} otherwise. */
export function checkMs(option: string, value: number): void {
  checkNumber(option, value, value >= 0, 'at least 0');
}

/** A whole number from `least`, or `Infinity`; as {@link checkNumber} otherwise. */
export function checkSize(option: string, value: number, least: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return;
  throw wrongNumber(option, value, `an integer of at least ${least}, or Infinity`);
}

function wrongType(option: string, value: unknown, type: string): TypeError {
  return new TypeError(`${option} must be ${type}, got ${shown(value)}`);
}

function wrongNumber(option: string, value: number, range: string): TypeError | RangeError {
  if (typeof value !== 'number') return wrongType(option, value, `a number, ${range}`);
  return new RangeError(`${option} must be ${range}, got ${value}`);
}
