import type { HeaderSource } from '@patterns/context/internal';
import { classify } from '@patterns/errors';
import { AdaptiveMeter } from './adaptive-meter.ts';
import { checkRange } from './check-option.ts';
import { resolveLimiterOptions, type LimiterOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { LocalLimiter } from './local-limiter.ts';
import { readQuotaLeft } from './quota-fields.ts';

export interface AdaptiveRateOptions extends LimiterOptions {
  /** Rate until the server first refuses. @defaultValue Infinity */
  readonly initialPerSecond?: number | undefined;
  /** Refusals make it no slower than this; `initialPerSecond` and a cap by a RateLimit field may. @defaultValue 0.5 */
  readonly minPerSecond?: number | undefined;
  /** Never faster. @defaultValue Infinity */
  readonly maxPerSecond?: number | undefined;
  /** A longer pause that the server asks for is cut to this; the reset of a RateLimit field is not. @defaultValue 60_000 */
  readonly maxRetryAfterMs?: number | undefined;
}

/** A `Response` fits as it is. */
export interface ServerAnswer {
  readonly status?: number | undefined;
  /** The server refused for load. @defaultValue `status` is 429 or 503, or there is no status and `retryAfterMs` is given */
  readonly throttled?: boolean | undefined;
  /** @defaultValue from `Retry-After` */
  readonly retryAfterMs?: number | undefined;
  readonly headers?: HeaderSource | undefined;
}

/**
 * A token bucket whose rate follows what a server answers (the CUBIC rate of the AWS SDKs); burst `max(rate, 1)`.
 *
 * A refusal: `lastMax = min(measured, rate)`, or the measured rate the first time; `rate = 0.7 * lastMax`. Any other answer, t seconds after the
 * last refusal: `rate = 0.4 * (t - cbrt(lastMax * 0.3 / 0.4)) ** 3 + lastMax`, at most twice the measured rate and within `minPerSecond` and
 * `maxPerSecond`. Measured is the rate of calls admitted, in buckets of half a second, the newest weighing 0.8. Before a Retry-After has passed
 * nothing is admitted; a RateLimit field caps the rate at `remaining / reset` until that reset, also below `minPerSecond`. With nothing remaining
 * that is 0: nothing is admitted until the reset, and then what the rate was before.
 *
 * @example
 * ```ts
 * const limiter = new AdaptiveRate();
 * const response = await limiter.execute((ctx) => fetch('https://example.com/', { signal: ctx.signal }));
 * limiter.observe(response);
 * ```
 */
export class AdaptiveRate extends LocalLimiter {
  readonly #line: Line;
  readonly #meter: AdaptiveMeter;
  readonly #maxRetryAfterMs: number;

  /** @throws {RangeError} for an option out of range, or a `maxPerSecond` below `minPerSecond` */
  constructor(options: AdaptiveRateOptions = {}) {
    const {
      minPerSecond = 0.5,
      maxPerSecond = Infinity,
      initialPerSecond = Infinity,
      maxRetryAfterMs = 60_000,
    } = options;
    checkRange('minPerSecond', minPerSecond, 0);
    checkRange('maxPerSecond', maxPerSecond, minPerSecond);
    checkRange('initialPerSecond', initialPerSecond, 0);
    checkRange('maxRetryAfterMs', maxRetryAfterMs, 0);
    const resolved = resolveLimiterOptions(options);
    const initial = Math.min(initialPerSecond, maxPerSecond);
    const meter = new AdaptiveMeter(resolved.name, initial, { minPerSecond, maxPerSecond }, resolved.clock.now());
    const line = new Line(meter, resolved);
    super(line);
    this.#line = line;
    this.#meter = meter;
    this.#maxRetryAfterMs = maxRetryAfterMs;
  }

  /** At this moment, the cap of a RateLimit field included: 0 while nothing is left of a quota. Pauses for a Retry-After are not. */
  get ratePerSecond(): number {
    this.#line.now();
    return this.#meter.ratePerSecond;
  }

  /**
   * Tells of one answer; also of those that succeeded. Fields that cannot be understood are ignored.
   *
   * @throws {RangeError} for a negative or NaN `retryAfterMs`
   */
  observe(answer: ServerAnswer): void {
    const { status, headers } = answer;
    if (answer.retryAfterMs !== undefined) checkRange('retryAfterMs', answer.retryAfterMs, 0);
    const isThrottled =
      answer.throttled ?? (status === undefined ? answer.retryAfterMs !== undefined : isRefusal(status));
    const retryAfterMs = answer.retryAfterMs ?? (isThrottled ? classify({ headers }).retryAfterMs : undefined) ?? 0;
    const left = readQuotaLeft(headers);
    this.#line.change((nowMs) => {
      this.#meter.observe(isThrottled, nowMs);
      if (left?.remaining === 0) this.#meter.spend(nowMs + left.resetMs);
      else if (left !== undefined) this.#meter.cap((left.remaining / left.resetMs) * 1000, nowMs + left.resetMs);
      this.#meter.pause(nowMs + Math.min(retryAfterMs, this.#maxRetryAfterMs));
    });
  }
}

function isRefusal(status: number): boolean {
  return status === 429 || status === 503;
}
