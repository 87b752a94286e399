import type { Clock } from '@patterns/context';

/**
 * Time that does not step back with its clock. What needs the time is handed this object: a number that is passed to a function that V8 does
 * not inline has to be allocated, 16 bytes for each call.
 */
export class LatestTime {
  readonly #clock: Clock;
  /** Of the latest {@link advance}. */
  nowMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.nowMs = clock.now();
  }

  advance(): void {
    const clockMs = this.#clock.now();
    if (clockMs > this.nowMs) this.nowMs = clockMs;
  }
}
