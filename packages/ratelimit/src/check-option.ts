import { shown } from '@patterns/context/internal';

/** @throws {RangeError} if it is no number, NaN, below `least` or above `most` */
export function checkRange(option: string, value: number, least: number, most: number = Infinity): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new RangeError(`${option} must be ${rangeText('a number', least, most)}, got ${shown(value)}`);
}

/** @throws {RangeError} as {@link checkRange}, and if it is not finite or equals 0 */
export function checkPositive(option: string, value: number): void {
  if (typeof value === 'number' && value > 0 && value < Infinity) return;
  throw new RangeError(`${option} must be a finite number above 0, got ${shown(value)}`);
}

/** @throws {RangeError} unless it is a whole number from `least` to `most`; `Infinity` only where `most` says so */
export function checkWhole(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (value >= least && value <= most && (Number.isInteger(value) || value === Infinity)) return;
  throw new RangeError(`${option} must be ${rangeText('an integer', least, most)}, got ${shown(value)}`);
}

function rangeText(type: string, least: number, most: number): string {
  const upTo = most === Infinity || most === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${most}`;
  return `${type} of at least ${least}${upTo}`;
}
