import { checkType } from '@patterns/context/internal';

/**
 * A series of delays: how long to wait after the first failure, after the second, and so on.
 *
 * Immutable and shareable: each call of a policy takes an iterator of its own. The end of the iterator means no further attempt; a delay
 * that is negative or NaN rejects the call with a RangeError. A generator method is all that one of your own needs, and any array is
 * nearly one. To choose by error, see `RetryOptions.delayMs`.
 *
 * @example
 * ```ts
 * const squares: Backoff = {
 *   *delays() {
 *     for (let n = 1; ; n++) yield n * n * 10;
 *   },
 * };
 * ```
 */
export interface Backoff {
  /** @param random - in [0, 1): the source of all chance, so that a seeded one makes the delays exact */
  delays(random: () => number): Iterator<number, unknown, unknown>;
  /** No delay is longer, jitter included. Modifiers such as {@link jittered} keep to it. @defaultValue no such bound */
  readonly maxMs?: number | undefined;
}

/** @throws {TypeError} for what has no `delays` */
export function checkBackoff(option: string, backoff: unknown): void {
  const { delays } = (backoff ?? {}) as Partial<Backoff>;
  checkType(option, backoff, typeof delays === 'function', 'a backoff, such as exponential()');
}
