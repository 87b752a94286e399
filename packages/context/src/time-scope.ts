import type { Clock } from './clock.ts';

/** What a context knows about time: which clock it lives by and, in milliseconds of that, its deadline. Shared by all contexts below. */
export interface TimeScope {
  readonly clock: Clock;
  readonly deadlineMs: number | undefined;
  remainingMs(): number;
  /** Does what a timer should have done, where it has one. At the very time of the deadline nothing is late. */
  expireIfOverdue?(): void;
}
