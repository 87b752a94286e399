import type { Clock } from '@patterns/context';

/** A clock that is set, forward and back. What does not wait needs no timer: asking for one fails the test. */
export class ManualClock implements Clock {
  ms: number;

  constructor(ms: number = 0) {
    this.ms = ms;
  }

  now(): number {
    return this.ms;
  }

  setTimeout(): never {
    throw new Error('a limiter armed a timer');
  }
}
