import { toleranceMs } from '@patterns/context/internal';
import type { HalfOpenTrials } from './half-open-trials.ts';
import type { Tally } from './tally.ts';

/**
 * The time between two state changes, with what only that state has. Each change makes a new object, so that identity tells the calls that a
 * period has admitted from those of an earlier one.
 */
export type Period = UnderlyingPeriod | IsolatedPeriod;

export type UnderlyingPeriod = ClosedPeriod | OpenPeriod | HalfOpenPeriod | DisabledPeriod;

interface Counted {
  readonly tally: Tally;
}

export interface ClosedPeriod extends Counted {
  readonly state: 'closed';
}

export interface OpenPeriod extends Counted {
  readonly state: 'open';
  readonly openedAtMs: number;
  readonly openMs: number;
}

export interface HalfOpenPeriod extends Counted {
  readonly state: 'half-open';
  readonly trials: HalfOpenTrials;
}

export interface DisabledPeriod extends Counted {
  readonly state: 'disabled';
}

export interface IsolatedPeriod extends Counted {
  readonly state: 'isolated';
  /** What a snapshot says, and whether it ends in `disabled`. */
  below: UnderlyingPeriod;
  /** Not disposed yet. */
  handles: number;
}

/** A refusal in half-open is for as long as a trial takes, which nobody knows. */
const longestTrialEstimateMs = 1_000;

/** Until a call may be admitted, or the estimate of that. */
export function retryAfterMs(period: Period, nowMs: number): number {
  switch (period.state) {
    case 'closed':
    case 'disabled':
      return 0;
    case 'isolated':
      return Infinity;
    case 'open': {
      // Never more than the whole: a clock may step back, though it should not.
      const leftMs = Math.min(period.openMs, period.openedAtMs + period.openMs - nowMs);
      return leftMs < toleranceMs ? 0 : leftMs;
    }
    case 'half-open':
      return period.trials.hasPlace ? 0 : Math.min(longestTrialEstimateMs, period.trials.untilExpiryMs(nowMs));
  }
}
