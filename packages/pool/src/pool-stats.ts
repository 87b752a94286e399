import type { DurationSummary } from '@patterns/structures';

/** Plain data, O(1) to make. The counts are since construction: `submitted` is the sum of the others, of what runs unsettled and of what waits. */
export interface TaskPoolStats {
  readonly concurrency: number;
  readonly active: number;
  readonly queued: number;
  readonly paused: boolean;
  readonly closed: boolean;
  readonly submitted: number;
  readonly completed: number;
  /** Threw, or timed out while running. */
  readonly failed: number;
  /** Refused, dropped, cleared, closed, or timed out in the queue. */
  readonly rejected: number;
  /** By their signal, while queued or running; running when the pool was ended, too. */
  readonly canceled: number;
  /** From submission to start; of a task that found a free slot 0. */
  readonly waitMs: DurationSummary;
  /** From start until the task settled. What follows another starts as that ends: what the reactions to that end take counts here, and not as waiting. */
  readonly runMs: DurationSummary;
}
