import type { Clock } from '@patterns/context';

/** @throws {RangeError} if it is no number, NaN, below `least` or above `most` */
export function checkNumber(option: string, value: number, least: number, most: number = Infinity): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new RangeError(`${option} must be ${rangeText('a number', least, most)}, got ${shown(value)}`);
}

/** @throws {RangeError} as {@link checkNumber}, and if it is not finite or equals 0 */
export function checkPositive(option: string, value: number): void {
  if (typeof value === 'number' && value > 0 && value < Infinity) return;
  throw new RangeError(`${option} must be a finite number above 0, got ${shown(value)}`);
}

/** @throws {RangeError} unless it is a whole number from `least` to `most`; `Infinity` only where `most` says so */
export function checkWhole(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (value >= least && value <= most && (Number.isInteger(value) || value === Infinity)) return;
  throw new RangeError(`${option} must be ${rangeText('a whole number', least, most)}, got ${shown(value)}`);
}

/** @throws {TypeError} unless it is one of them */
export function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new TypeError(`${option} must be ${choices.map((each) => `'${each}'`).join(' or ')}, got ${shown(value)}`);
}

/** @throws {TypeError} for what lacks one of the two methods */
export function checkClock(clock: unknown): void {
  const { now, setTimeout } = (clock ?? {}) as Partial<Clock>;
  if (typeof now === 'function' && typeof setTimeout === 'function') return;
  throw new TypeError(`clock must be a clock, got ${shown(clock)}`);
}

function rangeText(type: string, least: number, most: number): string {
  const upTo = most === Infinity || most === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${most}`;
  return `${type} of at least ${least}${upTo}`;
}

/** How a wrong value is shown in a message; never runs code of the value. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
