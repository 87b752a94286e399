import type { Cancellation } from './context.ts';

/** Base of all options of things that wait. */
export interface WaitOptions {
  /**
   * Ends the wait at once with the reason untouched (`signal.reason`, `ctx.cause`), also if it has ended before the wait begins; nothing is left behind.
   * A context's deadline is honoured too: whoever knows how long the wait will be (retry, limiters, queues) refuses at once one that cannot end in time.
   */
  readonly signal?: Cancellation | undefined;
  /** Not an option: a whole context passed as options by mistake would compile and lose its deadline. Write `{ signal: ctx }`. */
  readonly throwIfDone?: undefined;
}
