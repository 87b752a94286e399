import { toleranceMs } from '@patterns/context/internal';
import type { CallCounts } from './call-counts.ts';

/**
 * The last `windowMs` in `buckets` spans of equal length, counted from the start of the window. The bucket of the span that is under way is
 * kept beside the ring of those before it, so that a call of the same span touches nothing else.
 */
export class TimeWindow implements CallCounts {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #startMs: number;
  readonly #bucketMs: number;
  readonly #buckets: number;
  /** Of each span its calls, failures and slow calls, at the number of the span modulo `#buckets`. */
  readonly #ring: Float64Array;
  /** Number of the span under way. */
  #span = 0;
  #spanEndMs: number;
  /** What the counts were when the span began, without what has been dropped. */
  #callsBefore = 0;
  #failuresBefore = 0;
  #slowBefore = 0;

  constructor(windowMs: number, buckets: number, startMs: number) {
    this.#startMs = startMs;
    this.#bucketMs = windowMs / buckets;
    this.#buckets = buckets;
    this.#ring = new Float64Array(buckets * 3);
    this.#spanEndMs = startMs + this.#bucketMs - toleranceMs;
  }

  add(failed: boolean, slow: boolean, nowMs: number): void {
    this.advance(nowMs);
    this.calls++;
    if (failed) this.failures++;
    if (slow) this.slow++;
  }

  advance(nowMs: number): void {
    if (nowMs < this.#spanEndMs) return;
    const span = Math.floor((nowMs - this.#startMs + toleranceMs) / this.#bucketMs);
    // Rounded down, it may be the one that has just ended.
    this.#enterSpan(Math.max(span, this.#span + 1));
  }

  /** Every bucket whose span ended, unseen, is dropped too: after an idle hour nothing is left. */
  #enterSpan(span: number): void {
    this.#store();
    const passed = Math.min(this.#buckets, span - this.#span);
    for (let age = passed - 1; age >= 0; age--) this.#drop((span - age) % this.#buckets);
    this.#span = span;
    this.#spanEndMs = this.#startMs + (span + 1) * this.#bucketMs - toleranceMs;
    this.#callsBefore = this.calls;
    this.#failuresBefore = this.failures;
    this.#slowBefore = this.slow;
  }

  #store(): void {
    const at = (this.#span % this.#buckets) * 3;
    this.#ring[at] = this.calls - this.#callsBefore;
    this.#ring[at + 1] = this.failures - this.#failuresBefore;
    this.#ring[at + 2] = this.slow - this.#slowBefore;
  }

  #drop(bucket: number): void {
    const at = bucket * 3;
    this.calls -= this.#ring[at] as number;
    this.failures -= this.#ring[at + 1] as number;
    this.slow -= this.#ring[at + 2] as number;
    this.#ring.fill(0, at, at + 3);
  }
}
