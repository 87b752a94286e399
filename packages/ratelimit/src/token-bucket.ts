import { checkRange, checkWhole } from './check-option.ts';
import { resolveLimiterOptions, type LimiterOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { LocalLimiter } from './local-limiter.ts';
import { TokenMeter } from './token-meter.ts';

export interface TokenBucketOptions extends LimiterOptions {
  /** `Infinity` allows everything, whatever the burst; 0 never refills: who waits then, waits for `update`. */
  readonly ratePerSecond: number;
  /** The most permits at once; 0 allows none. */
  readonly burst: number;
  /** Permits at the start. @defaultValue `burst` */
  readonly initial?: number | undefined;
}

/** The options that may change later. */
export type Changes<T, K extends keyof T> = { readonly [P in K]?: T[P] | undefined };

/**
 * An average rate with bursts. Permits accrue continuously at `ratePerSecond` up to `burst`; it starts full.
 *
 * Bound: `burst + ratePerSecond * t` permits in any t seconds. O(1) time and memory. For starts that are spaced evenly see `LeakyBucket`, for
 * "never more than n in any window" `SlidingWindowLog`.
 *
 * @example
 * ```ts
 * const bucket = new TokenBucket({ ratePerSecond: 10, burst: 5 });
 * await bucket.acquire(2, { maxWaitMs: 1_000 });
 * ```
 * @see golang.org/x/time/rate, whose semantics it has; but a second `cancel` gives nothing back, and nothing is reserved that never comes
 */
export class TokenBucket extends LocalLimiter {
  readonly #meter: TokenMeter;
  readonly #line: Line;

  /** @throws {RangeError} for a negative or NaN option, a `burst` that is not whole, an `initial` above it */
  constructor(options: TokenBucketOptions) {
    const { ratePerSecond, burst, initial = burst } = options;
    checkRate(ratePerSecond);
    checkBurst(burst);
    checkRange('initial', initial, 0, burst);
    const resolved = resolveLimiterOptions(options);
    const meter = new TokenMeter(resolved.name, ratePerSecond, burst, initial, resolved.clock.now());
    const line = new Line(meter, resolved);
    super(line);
    this.#meter = meter;
    this.#line = line;
  }

  get ratePerSecond(): number {
    return this.#meter.ratePerSecond;
  }

  get burst(): number {
    return this.#meter.burst;
  }

  /** Fractional; negative while permits are owed, to reservations or to those who wait. */
  get tokens(): number {
    const nowMs = this.#line.now();
    const meter = this.#line.metered(nowMs);
    return (meter instanceof TokenMeter ? meter : this.#meter).tokens(nowMs);
  }

  /**
   * Accrues at the old rate up to now, then changes. A larger burst fills at the rate, a smaller one cuts. Reservations keep their times, callers
   * who wait are scheduled anew.
   */
  update({
    ratePerSecond = this.ratePerSecond,
    burst = this.burst,
  }: Changes<TokenBucketOptions, 'ratePerSecond' | 'burst'>): void {
    checkRate(ratePerSecond);
    checkBurst(burst);
    this.#line.change((nowMs) => {
      this.#meter.set(ratePerSecond, burst, nowMs);
    });
  }
}

export function checkRate(ratePerSecond: number): void {
  checkRange('ratePerSecond', ratePerSecond, 0);
}

export function checkBurst(burst: number): void {
  checkWhole('burst', burst, 0, Infinity);
}
