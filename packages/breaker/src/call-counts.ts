import { CountWindow } from './count-window.ts';
import { TimeWindow } from './time-window.ts';
import type { TripCounts } from './trip-rule.ts';
import type { TripWindowSize } from './trip-window-size.ts';

/** The calls in a window, counted as they come and go, so that reading is free. */
export interface CallCounts extends TripCounts {
  add(failed: boolean, slow: boolean, nowMs: number): void;
  /** Drops what is too old. */
  advance(nowMs: number): void;
}

export function startCounts(size: TripWindowSize, nowMs: number): CallCounts {
  return size.kind === 'calls' ? new CountWindow(size.size) : new TimeWindow(size.windowMs, size.buckets, nowMs);
}
