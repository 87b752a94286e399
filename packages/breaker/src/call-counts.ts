import type { TripCounts } from './trip-rule.ts';

/** The calls in a window, counted as they come and go, so that reading is free. */
export interface CallCounts extends TripCounts {
  add(failed: boolean, slow: boolean, nowMs: number): void;
  /** Drops what is too old. */
  advance(nowMs: number): void;
}
