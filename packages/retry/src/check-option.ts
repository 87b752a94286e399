import { checkNumber } from '@patterns/context/internal';

/** A delay that a timer can wait for: zero or more, and an end to it. */
export function checkFiniteMs(option: string, value: number): void {
  checkNumber(option, value, value >= 0 && value < Infinity, 'finite and at least 0');
}
