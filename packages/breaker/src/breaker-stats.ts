import type { DurationSummary } from '@patterns/structures';
import type { BreakerState } from './breaker-state.ts';

/** Plain data, O(1). What is too old is dropped when read. */
export interface BreakerStats {
  readonly state: BreakerState;
  /** Settled calls that count, in the window of the trip rule; of the period since the last state change if the rule keeps no window. */
  readonly calls: number;
  readonly successes: number;
  readonly failures: number;
  readonly slow: number;
  /** Since construction or `reset`, as `rejected`. */
  readonly ignored: number;
  readonly rejected: number;
  /** 0..1; 0 without calls. */
  readonly failureRate: number;
  readonly slowRate: number;
  /** Of the period. */
  readonly consecutiveFailures: number;
  readonly consecutiveSuccesses: number;
  readonly consecutiveOpens: number;
  readonly retryAfterMs: number;
  /** Of the calls that counted in the last 60 to 120 seconds; `undefined` unless `BreakerOptions.durations`. */
  readonly durationMs: DurationSummary | undefined;
}
