import { checkAnswer, reportListenerError } from '@patterns/context/internal';
import { defaultTrip, type ResolvedOptions } from './breaker-options.ts';
import type { TripCounts, TripRule, TripWindow } from './trip-rule.ts';

/**
 * What has been counted in one period: in all, in a row, and in the window of the trip rule. The rule may be anybody's: what it throws is
 * reported, and opens nothing.
 */
export class Tally {
  consecutiveFailures = 0;
  consecutiveSuccesses = 0;
  #calls = 0;
  #failures = 0;
  #slow = 0;
  readonly #name: string | undefined;
  readonly #rule: TripRule;
  readonly #window: TripWindow;

  constructor(name: string | undefined, rule: TripRule, nowMs: number) {
    this.#name = name;
    this.#rule = rule;
    this.#window = rule.start(nowMs, name);
  }

  /** In the middle of a change, which has to be completed: if the rule fails, with the default one. */
  static start({ name, trip }: ResolvedOptions, nowMs: number): Tally {
    try {
      return new Tally(name, trip, nowMs);
    } catch (bug) {
      reportListenerError('breaker', name, 'trip', trip, bug);
      return new Tally(name, defaultTrip(), nowMs);
    }
  }

  /** Whether the rule says to open. */
  record(failed: boolean, slow: boolean, nowMs: number): boolean {
    this.#calls++;
    if (slow) this.#slow++;
    if (failed) {
      this.#failures++;
      this.consecutiveFailures++;
      this.consecutiveSuccesses = 0;
    } else {
      this.consecutiveSuccesses++;
      this.consecutiveFailures = 0;
    }
    try {
      return checkAnswer('record', this.#window.record(failed, slow, nowMs));
    } catch (bug) {
      this.#report(bug);
      return false;
    }
  }

  /** In the window, or of the whole period if the rule keeps none. */
  counts(nowMs: number): TripCounts {
    let counts: TripCounts | undefined;
    try {
      counts = this.#window.counts(nowMs);
    } catch (bug) {
      this.#report(bug);
    }
    return counts ?? { calls: this.#calls, failures: this.#failures, slow: this.#slow };
  }

  #report(bug: unknown): void {
    reportListenerError('breaker', this.#name, 'trip', this.#rule, bug);
  }
}
