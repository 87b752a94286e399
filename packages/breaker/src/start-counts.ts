import type { CallCounts } from './call-counts.ts';
import { CountWindow } from './count-window.ts';
import { TimeWindow } from './time-window.ts';
import type { TripWindowSize } from './trip-window-size.ts';

export function startCounts(size: TripWindowSize, nowMs: number): CallCounts {
  return size.kind === 'calls' ? new CountWindow(size.size) : new TimeWindow(size.windowMs, size.buckets, nowMs);
}
