import type { Clock } from '@patterns/context';
import type { WindowOptions } from './limiter-options.ts';
import { isDue } from './rounding.ts';
import { WindowLimiter } from './window-limiter.ts';
import { WindowMeter } from './window-meter.ts';

/**
 * Exact: remembers when each permit was taken.
 *
 * Bound: `limit` in any `windowMs`; an entry aged exactly `windowMs` is out. 16 to 32 bytes per call in the window, of at most `limit + 1` calls, and
 * those of one moment are one; time O(calls), amortised. Where more moments have to be remembered, because more than the limit was used, the oldest
 * count as of the next one: they leave later, never earlier.
 *
 * @example
 * ```ts
 * const limiter = new SlidingWindowLog({ limit: 5, windowMs: 1_000 });
 * limiter.tryAcquire(5); // true
 * limiter.peek().retryAfterMs; // 1_000, and less as time goes by
 * ```
 */
export class SlidingWindowLog extends WindowLimiter {
  /** @throws {RangeError} for an option out of range */
  constructor(options: WindowOptions) {
    super(options, (name) => new LogMeter(name, options.limit, options.windowMs));
  }
}

const smallest = 8;

class LogMeter extends WindowMeter {
  /** Two rings, oldest first, whose length is a power of two: moments at which permits were taken, and how many. */
  #times = new Float64Array(smallest);
  #permits = new Float64Array(smallest);
  #first = 0;
  #count = 0;
  /** Of all moments. */
  #used = 0;

  override get isFree(): boolean {
    return this.limit === Infinity;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    const nowMs = this.advance(clock.now());
    this.#forget(nowMs);
    if (this.#used + permits > this.limit) return false;
    this.take(permits, nowMs);
    return true;
  }

  availableAt(permits: number, nowMs: number): number {
    this.#forget(nowMs);
    const fromMs = Math.max(nowMs, this.lastMs);
    let excess = this.#used + permits - this.limit;
    if (excess <= 0) return fromMs;
    if (permits > this.limit) return Infinity;
    // The oldest have to leave until there is room.
    let n = 0;
    for (; n < this.#count - 1; n++) {
      excess -= this.#permits[this.#at(n)] as number;
      if (excess <= 0) break;
    }
    return Math.max(fromMs, (this.#times[this.#at(n)] as number) + this.windowMs);
  }

  take(permits: number, atMs: number): void {
    // Nobody asks.
    if (this.isFree) return;
    this.lastMs = Math.max(atMs, this.lastMs);
    this.#forget(this.lastMs);
    if (permits === 0) return;
    this.#used += permits;
    if (this.#count > 0) {
      const newest = this.#at(this.#count - 1);
      if (this.#times[newest] === this.lastMs) {
        this.#permits[newest] = (this.#permits[newest] as number) + permits;
        return;
      }
    }
    if (this.#count === this.#times.length) this.#grow();
    const place = this.#at(this.#count++);
    this.#times[place] = this.lastMs;
    this.#permits[place] = permits;
    // More than the limit was charged: as long as the newer ones are in the window, it makes no difference when the oldest came.
    while (this.#count > this.limit + 1) this.#joinOldest();
  }

  untake(permits: number): void {
    if (!this.isFree) this.#giveBackFrom(this.#count - 1, permits);
  }

  /** Of its own moment, or of the one with which that has been joined. */
  refund(permits: number, atMs: number, nowMs: number): void {
    this.#forget(nowMs);
    if (isDue(atMs + this.windowMs, nowMs)) return;
    let n = this.#count - 1;
    while (n > 0 && (this.#times[this.#at(n)] as number) > atMs) n--;
    this.#giveBackFrom(n, permits);
  }

  remaining(taking: number, nowMs: number): number {
    if (this.lastMs > nowMs) return 0;
    this.#forget(nowMs);
    return Math.max(0, this.limit - this.#used - taking);
  }

  resetAt(taking: number, nowMs: number): number {
    this.#forget(nowMs);
    if (taking > 0 && this.limit < Infinity) return Math.max(nowMs, this.lastMs) + this.windowMs;
    return this.#count === 0 ? nowMs : (this.#times[this.#at(this.#count - 1)] as number) + this.windowMs;
  }

  copy(): LogMeter {
    const copy = new LogMeter(this.name, this.limit, this.windowMs);
    copy.latestMs = this.latestMs;
    copy.lastMs = this.lastMs;
    copy.#times = this.#times.slice();
    copy.#permits = this.#permits.slice();
    copy.#first = this.#first;
    copy.#count = this.#count;
    copy.#used = this.#used;
    return copy;
  }

  /** Where the nth oldest moment is. */
  #at(n: number): number {
    return (this.#first + n) & (this.#times.length - 1);
  }

  /** What has left the window. */
  #forget(nowMs: number): void {
    while (this.#count > 0 && isDue((this.#times[this.#first] as number) + this.windowMs, nowMs)) {
      this.#used -= this.#permits[this.#first] as number;
      this.#dropOldest();
    }
    // Sums of numbers that are too large to be exact.
    if (this.#count === 0) this.#used = 0;
  }

  /** With the one that came after it. */
  #joinOldest(): void {
    const permits = this.#permits[this.#first] as number;
    this.#dropOldest();
    this.#permits[this.#first] = (this.#permits[this.#first] as number) + permits;
  }

  #dropOldest(): void {
    this.#first = this.#at(1);
    this.#count--;
  }

  /** So many of the nth oldest moment, which goes with its last permit. */
  #giveBackFrom(n: number, permits: number): void {
    if (n < 0) return;
    const place = this.#at(n);
    const left = (this.#permits[place] as number) - permits;
    this.#used -= Math.min(permits, this.#permits[place] as number);
    this.#permits[place] = left;
    if (left > 0) return;
    for (let m = n + 1; m < this.#count; m++) {
      this.#times[this.#at(m - 1)] = this.#times[this.#at(m)] as number;
      this.#permits[this.#at(m - 1)] = this.#permits[this.#at(m)] as number;
    }
    this.#count--;
  }

  /** When it is full. */
  #grow(): void {
    this.#times = grown(this.#times, this.#first);
    this.#permits = grown(this.#permits, this.#first);
    this.#first = 0;
  }
}

function grown(ring: Float64Array, first: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(ring.length * 2);
  larger.set(ring.subarray(first));
  larger.set(ring.subarray(0, first), ring.length - first);
  return larger;
}
