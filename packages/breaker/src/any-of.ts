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
    start: (nowMs) => new AnyWindow(rules.map((rule) => rule.start(nowMs))),
  };
}

class AnyWindow implements TripWindow {
  readonly #windows: readonly TripWindow[];

  constructor(windows: readonly TripWindow[]) {
    this.#windows = windows;
  }

  record(failed: boolean, slow: boolean, nowMs: number): boolean {
    let opens = false;
    let bug: { readonly error: unknown } | undefined;
    for (const window of this.#windows) {
      try {
        if (window.record(failed, slow, nowMs)) opens = true;
      } catch (error) {
        bug ??= { error };
      }
    }
    // A rule that is broken must not silence those that are not.
    if (bug !== undefined && !opens) throw bug.error;
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
