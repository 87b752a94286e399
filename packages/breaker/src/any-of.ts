import { checkAnswer, reportListenerError } from '@patterns/context/internal';
import { checkTripRule, type TripCounts, type TripRule, type TripWindow } from './trip-rule.ts';

/**
 * Opens when any rule does; all of them hear every call. Counts are those of the first one that keeps a window.
 *
 * @throws {TypeError} for what is no rule, or no rule at all
 */
export function anyOf(...rules: readonly [TripRule, ...TripRule[]]): TripRule {
  if (rules.length === (0 as number)) throw new TypeError('anyOf needs at least one rule');
  rules.forEach((rule, index) => {
    checkTripRule(`rule ${index + 1}`, rule);
  });
  return {
    name: `anyOf(${rules.map(({ name }) => name).join(', ')})`,
    start: (nowMs, breaker) => new AnyWindow(rules, nowMs, breaker),
  };
}

class AnyWindow implements TripWindow {
  readonly #rules: readonly TripRule[];
  readonly #windows: readonly TripWindow[];
  readonly #breaker: string | undefined;

  constructor(rules: readonly TripRule[], nowMs: number, breaker: string | undefined) {
    this.#rules = rules;
    this.#windows = rules.map((rule) => rule.start(nowMs, breaker));
    this.#breaker = breaker;
  }

  record(failed: boolean, slow: boolean, nowMs: number): boolean {
    let opens = false;
    for (let n = 0; n < this.#windows.length; n++) {
      try {
        if (checkAnswer('record', (this.#windows[n] as TripWindow).record(failed, slow, nowMs))) opens = true;
      } catch (bug) {
        // A rule that is broken must not silence those that are not.
        reportListenerError('breaker', this.#breaker, 'trip', this.#rules[n] as TripRule, bug);
      }
    }
    return opens;
  }

  counts(nowMs: number): TripCounts | undefined {
    for (const window of this.#windows) {
      const counts = window.counts(nowMs);
      if (counts !== undefined) return counts;
    }
    return undefined;
  }
}
