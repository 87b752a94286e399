import type { Clock } from '@patterns/context';

/** A clock that is set, forward and back. Breakers need no timer: asking for one fails the test. */
export class ManualClock implements Clock {
  ms = 0;

  now(): number {
    return this.ms;
  }

  setTimeout(): never {
    throw new Error('a breaker armed a timer');
  }
}
