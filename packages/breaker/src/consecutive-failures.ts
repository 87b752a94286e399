import { checkCount } from './check-option.ts';
import type { TripRule, TripWindow } from './trip-rule.ts';

/**
 * Opens on the n-th failure in a row; a success begins again. Finds out first that a target is down, and never that it fails now and then:
 * with one success in three calls it may not open at all, so add {@link failureRate}. Keeps no window.
 *
 * @throws {RangeError} if `n` is no positive integer
 */
export function consecutiveFailures(n: number): TripRule {
  checkCount('n', n);
  return { name: `consecutiveFailures(${n})`, start: () => new FailureRun(n) };
}

class FailureRun implements TripWindow {
  readonly #limit: number;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  record(failed: boolean): boolean {
    if (!failed) {
      this.#length = 0;
      return false;
    }
    return ++this.#length >= this.#limit;
  }

  counts(): undefined {
    return undefined;
  }
}
