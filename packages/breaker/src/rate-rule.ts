import type { CallCounts } from './call-counts.ts';
import { checkCount, checkShare } from './check-option.ts';
import { startCounts } from './start-counts.ts';
import type { TripCounts, TripRule, TripWindow } from './trip-rule.ts';
import { checkTripWindowSize, lastCalls, type TripWindowSize } from './trip-window-size.ts';

export interface RateRuleOptions {
  /** Opens at this share or above, in (0, 1]. @defaultValue 0.5 */
  readonly threshold?: number | undefined;
  /** @defaultValue `lastCalls(100)` */
  readonly window?: TripWindowSize | undefined;
  /** Never opens on fewer calls in the window. @defaultValue 20, or the size of a smaller `lastCalls` */
  readonly minimumCalls?: number | undefined;
}

/**
 * Opens when `threshold` of the calls in the window or more have failed. Asked when a call fails.
 *
 * O(1) per call and in `stats()`, whatever the window.
 * @throws {RangeError} for an option out of range, a `minimumCalls` that the window cannot hold included
 */
export function failureRate(options?: RateRuleOptions): TripRule {
  return rateRule('failureRate', 'failures', options);
}

/**
 * Opens when `threshold` of the calls in the window or more were slow, whether they failed or not: a target that hangs ties up its callers
 * long before it fails. Asked when a call is slow. Needs `slowCallMs` in the breaker's options; without it no call is.
 *
 * @throws {RangeError} as {@link failureRate}
 * @see resilience4j, `slowCallRateThreshold`
 */
export function slowRate(options?: RateRuleOptions): TripRule {
  return rateRule('slowRate', 'slow', options);
}

type Counted = 'failures' | 'slow';

function rateRule(name: string, counted: Counted, options: RateRuleOptions = {}): TripRule {
  const { threshold = 0.5, window = lastCalls(100) } = options;
  checkShare('threshold', threshold);
  checkTripWindowSize('window', window);
  const most = window.kind === 'calls' ? window.size : Infinity;
  const { minimumCalls = Math.min(20, most) } = options;
  checkCount('minimumCalls', minimumCalls);
  if (minimumCalls > most) {
    throw new RangeError(`minimumCalls must be at most ${most}, what the window holds, got ${minimumCalls}`);
  }
  return {
    name: `${name}(${threshold})`,
    start: (nowMs) => new RateWindow(counted, threshold, minimumCalls, startCounts(window, nowMs)),
  };
}

class RateWindow implements TripWindow {
  readonly #countsSlow: boolean;
  readonly #threshold: number;
  readonly #minimumCalls: number;
  readonly #counts: CallCounts;

  constructor(counted: Counted, threshold: number, minimumCalls: number, counts: CallCounts) {
    this.#countsSlow = counted === 'slow';
    this.#threshold = threshold;
    this.#minimumCalls = minimumCalls;
    this.#counts = counts;
  }

  record(failed: boolean, slow: boolean, nowMs: number): boolean {
    const counts = this.#counts;
    counts.add(failed, slow, nowMs);
    if (!(this.#countsSlow ? slow : failed) || counts.calls < this.#minimumCalls) return false;
    // Divided, not multiplied: 3 / 30 is 0.1 exactly as it is written, 0.1 * 30 is a little more than 3.
    return (this.#countsSlow ? counts.slow : counts.failures) / counts.calls >= this.#threshold;
  }

  counts(nowMs: number): TripCounts {
    this.#counts.advance(nowMs);
    const { calls, failures, slow } = this.#counts;
    return { calls, failures, slow };
  }
}
