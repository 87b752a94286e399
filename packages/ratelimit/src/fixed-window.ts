import type { Clock } from '@patterns/context';
import { checkOneOf } from '@patterns/context/internal';
import type { WindowOptions } from './limiter-options.ts';
import { isDue } from './rounding.ts';
import { WindowLimiter } from './window-limiter.ts';
import { WindowMeter } from './window-meter.ts';

export interface FixedWindowOptions extends WindowOptions {
  /**
   * `'first'`: the first call that finds no window open begins one. `'clock'`: at multiples of `windowMs` of the clock's time.
   * @defaultValue `'first'`
   */
  readonly align?: 'first' | 'clock' | undefined;
}

/**
 * A counter that starts again with each window. Callers who wait spill into the windows that follow; a call is never split.
 *
 * Bound: `limit` per window, so up to twice the limit within one `windowMs` around a boundary. O(1) time and memory. To have it exact see
 * `SlidingWindowLog`.
 *
 * @example
 * ```ts
 * const hourly = new FixedWindow({ limit: 1_000, windowMs: 3_600_000, align: 'clock' });
 * hourly.tryAcquire(); // true
 * ```
 */
export class FixedWindow extends WindowLimiter {
  /** @throws {RangeError} for an option out of range */
  constructor(options: FixedWindowOptions) {
    const { limit, windowMs, align = 'first' } = options;
    checkOneOf('align', align, ['first', 'clock']);
    super(options, (name) => new FixedMeter(name, limit, windowMs, align === 'clock'));
  }
}

class FixedMeter extends WindowMeter {
  readonly #isAligned: boolean;
  #startMs = -Infinity;
  /** In the window that began then; while it is 0 no window is open, unless it is the clock that opens them. */
  #count = 0;

  constructor(name: string | undefined, limit: number, windowMs: number, isAligned: boolean) {
    super(name, limit, windowMs);
    this.#isAligned = isAligned;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    const nowMs = this.advance(clock.now());
    if (this.#isOver(nowMs)) return this.tryTakeNow(permits);
    if (this.#count + permits > this.limit) return false;
    this.#count += permits;
    this.lastMs = nowMs;
    return true;
  }

  availableAt(permits: number, nowMs: number): number {
    const fromMs = Math.max(nowMs, this.lastMs);
    if (this.#isOver(fromMs) || this.#count + permits <= this.limit) return fromMs;
    return permits <= this.limit ? this.#startMs + this.windowMs : Infinity;
  }

  take(permits: number, atMs: number): void {
    this.lastMs = Math.max(atMs, this.lastMs);
    if (this.#isOver(atMs)) {
      this.#startMs = this.#isAligned ? Math.floor(this.roundUp(atMs) / this.windowMs) * this.windowMs : atMs;
      this.#count = 0;
    }
    this.#count += permits;
  }

  untake(permits: number): void {
    this.#count -= permits;
  }

  refund(permits: number, atMs: number, nowMs: number): void {
    if (!this.#isOver(nowMs) && atMs >= this.#startMs) this.#count = Math.max(0, this.#count - permits);
  }

  remaining(taking: number, nowMs: number): number {
    if (this.lastMs > nowMs) return 0;
    return Math.max(0, this.limit - taking - (this.#isOver(nowMs) ? 0 : this.#count));
  }

  resetAt(taking: number, nowMs: number): number {
    if (!this.#isOver(nowMs)) return this.#startMs + this.windowMs;
    if (taking === 0) return nowMs;
    return this.#isAligned
      ? (Math.floor(this.roundUp(nowMs) / this.windowMs) + 1) * this.windowMs
      : nowMs + this.windowMs;
  }

  copy(): FixedMeter {
    const copy = new FixedMeter(this.name, this.limit, this.windowMs, this.#isAligned);
    copy.latestMs = this.latestMs;
    copy.lastMs = this.lastMs;
    copy.#startMs = this.#startMs;
    copy.#count = this.#count;
    return copy;
  }

  #isOver(nowMs: number): boolean {
    return this.#count === 0 || isDue(this.#startMs + this.windowMs, nowMs);
  }
}
