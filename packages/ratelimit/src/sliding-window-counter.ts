import type { Clock } from '@patterns/context';
import type { WindowOptions } from './limiter-options.ts';
import { WindowLimiter } from './window-limiter.ts';
import { WindowMeter } from './window-meter.ts';

/**
 * Two counters: `previous * (share of it still in the window) + current`, of windows at multiples of `windowMs` of the clock's time.
 *
 * Close to exact for even traffic. Bound: twice the limit in a `windowMs`, if all came at the end of one window. O(1) time and memory.
 *
 * @example
 * ```ts
 * const limiter = new SlidingWindowCounter({ limit: 100, windowMs: 60_000 });
 * limiter.tryAcquire(); // true
 * ```
 * @see https://blog.cloudflare.com/counting-things-a-lot-of-different-things/
 */
export class SlidingWindowCounter extends WindowLimiter {
  /** @throws {RangeError} for an option out of range */
  constructor(options: WindowOptions) {
    super(options, (name) => new CounterMeter(name, options.limit, options.windowMs));
  }
}

class CounterMeter extends WindowMeter {
  /** Windows since time 0. */
  #index = -Infinity;
  #previous = 0;
  #current = 0;

  override tryTake(permits: number, clock: Clock): boolean {
    const nowMs = this.advance(clock.now());
    this.#roll(nowMs);
    if (this.#estimate(nowMs) > this.limit - permits + 1e-9) return this.tryTakeNow(permits);
    this.#current += permits;
    this.lastMs = nowMs;
    return true;
  }

  availableAt(permits: number, nowMs: number): number {
    const fromMs = Math.max(nowMs, this.lastMs);
    this.#roll(fromMs);
    const room = this.limit - permits;
    if (this.#estimate(fromMs) <= room + 1e-9) return fromMs;
    if (permits > this.limit) return Infinity;
    const startMs = this.#index * this.windowMs;
    // Enough of the previous window has left this one; or else, later, of this window the next one.
    const spare = room - this.#current;
    if (spare >= 0) return Math.max(fromMs, startMs + (1 - spare / this.#previous) * this.windowMs);
    return startMs + this.windowMs + (1 - room / this.#current) * this.windowMs;
  }

  take(permits: number, atMs: number): void {
    this.lastMs = Math.max(atMs, this.lastMs);
    this.#roll(this.lastMs);
    this.#current += permits;
  }

  untake(permits: number): void {
    this.#current -= permits;
  }

  refund(permits: number, atMs: number, nowMs: number): void {
    this.#roll(nowMs);
    const index = this.#indexOf(atMs);
    if (index === this.#index) this.#current = Math.max(0, this.#current - permits);
    else if (index === this.#index - 1) this.#previous = Math.max(0, this.#previous - permits);
  }

  remaining(taking: number, nowMs: number): number {
    if (this.lastMs > nowMs) return 0;
    this.#roll(nowMs);
    return this.wholeLeft(this.limit - this.#estimate(nowMs) - taking, taking, nowMs);
  }

  resetAt(taking: number, nowMs: number): number {
    this.#roll(nowMs);
    const startMs = this.#index * this.windowMs;
    if (this.#current + taking > 0) return startMs + 2 * this.windowMs;
    return this.#previous > 0 ? startMs + this.windowMs : nowMs;
  }

  copy(): CounterMeter {
    const copy = new CounterMeter(this.name, this.limit, this.windowMs);
    copy.latestMs = this.latestMs;
    copy.lastMs = this.lastMs;
    copy.#index = this.#index;
    copy.#previous = this.#previous;
    copy.#current = this.#current;
    return copy;
  }

  #estimate(nowMs: number): number {
    const elapsed = nowMs / this.windowMs - this.#index;
    return this.#previous * Math.min(1, Math.max(0, 1 - elapsed)) + this.#current;
  }

  #roll(nowMs: number): void {
    const index = this.#indexOf(nowMs);
    if (index <= this.#index) return;
    this.#previous = index === this.#index + 1 ? this.#current : 0;
    this.#current = 0;
    this.#index = index;
  }

  #indexOf(atMs: number): number {
    return Math.floor(this.roundUp(atMs) / this.windowMs);
  }
}
