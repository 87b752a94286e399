import type { WindowOptions } from './limiter-options.ts';
import { isDue } from './rounding.ts';
import { WindowLimiter } from './window-limiter.ts';
import { WindowMeter } from './window-meter.ts';

/**
 * Exact: remembers when each permit was taken.
 *
 * Bound: `limit` in any `windowMs`; an entry aged exactly `windowMs` is out. 8 to 16 bytes per permit in the window, of at most `limit + 1` permits;
 * time O(permits), amortised.
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
  /** A ring, oldest first, whose length is a power of two: times at which permits were taken. */
  #times = new Float64Array(smallest);
  #first = 0;
  #count = 0;

  override get isFree(): boolean {
    return this.limit === Infinity;
  }

  availableAt(permits: number, nowMs: number): number {
    this.#forget(nowMs);
    const fromMs = Math.max(nowMs, this.lastMs);
    const excess = this.#count + permits - this.limit;
    if (excess <= 0) return fromMs;
    if (permits > this.limit) return Infinity;
    return Math.max(fromMs, this.#at(excess - 1) + this.windowMs);
  }

  take(permits: number, atMs: number): void {
    // Nobody asks.
    if (this.isFree) return;
    this.lastMs = Math.max(atMs, this.lastMs);
    this.#forget(this.lastMs);
    // More than the limit was charged: as long as the newest of them are in the window, it does not matter what came before.
    const most = this.limit + 1;
    const added = Math.min(permits, most);
    while (this.#count + added > most) this.#dropOldest();
    while (this.#count + added > this.#times.length) this.#grow();
    for (let n = 0; n < added; n++) this.#times[(this.#first + this.#count++) & (this.#times.length - 1)] = this.lastMs;
  }

  untake(permits: number): void {
    this.#count = Math.max(0, this.#count - permits);
  }

  /** The newest of those that are not newer than it. */
  refund(permits: number, atMs: number, nowMs: number): void {
    this.#forget(nowMs);
    const kept: number[] = [];
    let left = permits;
    for (let n = this.#count - 1; n >= 0; n--) {
      const time = this.#at(n);
      if (left > 0 && time === atMs) left--;
      else kept.push(time);
    }
    this.#count = 0;
    for (const time of kept.reverse()) this.#times[(this.#first + this.#count++) & (this.#times.length - 1)] = time;
  }

  remaining(taking: number, nowMs: number): number {
    if (this.lastMs > nowMs) return 0;
    this.#forget(nowMs);
    return Math.max(0, this.limit - this.#count - taking);
  }

  resetAt(taking: number, nowMs: number): number {
    this.#forget(nowMs);
    if (taking > 0 && this.limit < Infinity) return Math.max(nowMs, this.lastMs) + this.windowMs;
    return this.#count === 0 ? nowMs : this.#at(this.#count - 1) + this.windowMs;
  }

  copy(): LogMeter {
    const copy = new LogMeter(this.name, this.limit, this.windowMs);
    copy.latestMs = this.latestMs;
    copy.lastMs = this.lastMs;
    copy.#times = this.#times.slice();
    copy.#first = this.#first;
    copy.#count = this.#count;
    return copy;
  }

  #at(position: number): number {
    return this.#times[(this.#first + position) & (this.#times.length - 1)] as number;
  }

  /** What has left the window. */
  #forget(nowMs: number): void {
    while (this.#count > 0 && isDue(this.#at(0) + this.windowMs, nowMs)) this.#dropOldest();
  }

  #dropOldest(): void {
    this.#first = (this.#first + 1) & (this.#times.length - 1);
    this.#count--;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    for (let n = 0; n < this.#count; n++) times[n] = this.#at(n);
    this.#times = times;
    this.#first = 0;
  }
}
