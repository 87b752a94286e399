import { systemClock, type Clock } from '@patterns/context';
import { checkClock, checkNumber, toleranceMs } from '@patterns/context/internal';
import type { Budget } from './budget.ts';

export interface RetryBudgetOptions {
  /** Extra calls per call. @defaultValue 0.2 */
  readonly ratio?: number | undefined;
  /** Floor for low traffic: so many extra calls a second whatever the traffic. @defaultValue 10 */
  readonly minPerSecond?: number | undefined;
  /** How far back it looks. Kept in ten buckets, so that what happened is forgotten after 0.9 to 1 times this. @defaultValue 10_000 */
  readonly windowMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

const bucketCount = 10;

/**
 * Extra calls as a share of the calls in a sliding window, with a floor:
 * `ratio * calls + minPerSecond * windowMs / 1000 - withdrawn`, all of the last `windowMs`.
 *
 * Share one between all policies that call the same target. Over any window the target gets at most `1 + ratio` requests for each call,
 * and the floor: with a target that is down, and calls enough, 1.2 instead of the 3 that `maxAttempts: 3` alone would send.
 * O(1), no timer: what is old is dropped on use.
 *
 * @see the RetryBudget of Twitter's Finagle, whose defaults these are
 */
export class RetryBudget implements Budget {
  readonly #ratio: number;
  readonly #floor: number;
  readonly #bucketMs: number;
  readonly #clock: Clock;
  readonly #startedAt: number;
  /** What happened in each of the last ten spans of `#bucketMs`, at the number of the span modulo ten. */
  readonly #calls: Float64Array = new Float64Array(bucketCount);
  readonly #withdrawn: Float64Array = new Float64Array(bucketCount);
  /** Number of the span that is under way; everything older than the nine before it is zeroed. */
  #span = 0;
  /** The sums over all buckets. */
  #callsInWindow = 0;
  #withdrawnInWindow = 0;

  /** @throws {RangeError} for an option out of range */
  constructor({ ratio = 0.2, minPerSecond = 10, windowMs = 10_000, clock = systemClock }: RetryBudgetOptions = {}) {
    checkNumber('ratio', ratio, ratio >= 0 && ratio < Infinity, 'finite and at least 0');
    checkNumber('minPerSecond', minPerSecond, minPerSecond >= 0 && minPerSecond < Infinity, 'finite and at least 0');
    checkNumber('windowMs', windowMs, windowMs > 0 && windowMs < Infinity, 'finite and above 0');
    checkClock(clock);
    this.#ratio = ratio;
    this.#floor = (minPerSecond * windowMs) / 1000;
    this.#bucketMs = windowMs / bucketCount;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  record(event: 'call' | 'success' | 'failure'): void {
    if (event !== 'call') return;
    const bucket = this.#currentBucket();
    this.#calls[bucket] = (this.#calls[bucket] ?? 0) + 1;
    this.#callsInWindow++;
  }

  tryWithdraw(): boolean {
    const bucket = this.#currentBucket();
    if (this.#available() < 1) return false;
    this.#withdrawn[bucket] = (this.#withdrawn[bucket] ?? 0) + 1;
    this.#withdrawnInWindow++;
    return true;
  }

  /** Extra calls that could be made now: a whole number, never below 0. */
  get balance(): number {
    this.#currentBucket();
    return Math.max(0, Math.floor(this.#available()));
  }

  #available(): number {
    // 0.29 * 100 is a little less than 29.
    return this.#ratio * this.#callsInWindow + this.#floor - this.#withdrawnInWindow + 1e-9;
  }

  /** Drops what has left the window. */
  #currentBucket(): number {
    const span = Math.floor((this.#clock.now() - this.#startedAt + toleranceMs) / this.#bucketMs);
    // Also false for a clock that stepped back: what is counted stays counted in the newest bucket.
    if (span > this.#span) {
      for (let age = Math.min(bucketCount, span - this.#span) - 1; age >= 0; age--)
        this.#drop((span - age) % bucketCount);
      this.#span = span;
    }
    return this.#span % bucketCount;
  }

  #drop(bucket: number): void {
    this.#callsInWindow -= this.#calls[bucket] ?? 0;
    this.#withdrawnInWindow -= this.#withdrawn[bucket] ?? 0;
    this.#calls[bucket] = 0;
    this.#withdrawn[bucket] = 0;
  }
}
