import type { Clock } from '@patterns/context';
import { checkWhole } from './check-option.ts';
import { checkWindow, resolveLimiterOptions, type WindowOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { LocalLimiter } from './local-limiter.ts';
import { Meter } from './meter.ts';
import { quotaPolicy, type QuotaPolicy } from './quota-policy.ts';
import { isDue, unsigned } from './rounding.ts';
import type { Changes } from './token-bucket.ts';

export interface GcraOptions extends WindowOptions {
  /** The most permits at once. @defaultValue `limit` */
  readonly burst?: number | undefined;
}

/**
 * A token bucket of `limit` per `windowMs`, kept as one timestamp: the generic cell rate algorithm of ATM networks.
 *
 * Bound: `burst + limit / windowMs * t` permits in any t. O(1) time and memory.
 *
 * @example
 * ```ts
 * const limiter = new Gcra({ limit: 100, windowMs: 60_000, burst: 10 });
 * const { allowed, retryAfterMs } = limiter.check();
 * ```
 * @see ITU-T I.371, annex A
 */
export class Gcra extends LocalLimiter {
  readonly #line: Line;
  readonly #meter: GcraMeter;
  #limit: number;
  #windowMs: number;
  #burst: number;

  /** @throws {RangeError} for an option out of range */
  constructor(options: GcraOptions) {
    const { limit, windowMs, burst = limit } = options;
    checkWindow(options);
    checkWhole('burst', burst, 0, Infinity);
    const resolved = resolveLimiterOptions(options);
    const meter = new GcraMeter(resolved.name, limit, windowMs, burst);
    const line = new Line(meter, resolved);
    super(line);
    this.#line = line;
    this.#meter = meter;
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#burst = burst;
  }

  /**
   * Permits used so far carry over; otherwise as `TokenBucket.update`: reservations keep their times, callers who wait are scheduled anew.
   * Without `burst`, one that was never given follows `limit`.
   */
  update(options: Changes<GcraOptions, 'limit' | 'windowMs' | 'burst'>): void {
    const { limit = this.#limit, windowMs = this.#windowMs } = options;
    const { burst = this.#burst === this.#limit ? limit : this.#burst } = options;
    checkWindow({ limit, windowMs });
    checkWhole('burst', burst, 0, Infinity);
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#burst = burst;
    this.#line.change((nowMs) => {
      this.#meter.set(limit, windowMs, burst, nowMs);
    });
  }
}

class GcraMeter extends Meter {
  readonly lends: boolean = true;
  readonly #name: string | undefined;
  #limit: number;
  #windowMs: number;
  #burst: number;
  /** In which one permit comes back; the emission interval. */
  #intervalMs: number;
  /** When everything will have come back: the theoretical arrival time. */
  #fullAtMs = -Infinity;
  /** With a limit of 0: permits that have been used, of which none comes back by itself. A time cannot say how many they are. */
  #stuck = 0;
  #lastLoanMs = -Infinity;
  #quota: QuotaPolicy | undefined;

  constructor(name: string | undefined, limit: number, windowMs: number, burst: number) {
    super();
    this.#name = name;
    this.#limit = unsigned(limit);
    this.#windowMs = windowMs;
    this.#burst = unsigned(burst);
    this.#intervalMs = windowMs / this.#limit;
  }

  get limit(): number {
    return this.#limit === 0 ? 0 : this.#burst;
  }

  override get isFree(): boolean {
    return this.#limit === Infinity;
  }

  get quota(): QuotaPolicy {
    return (this.#quota ??= quotaPolicy(this.#name, this.#limit, this.#windowMs));
  }

  get ratePerSecond(): number {
    return (this.#limit / this.#windowMs) * 1000;
  }

  set(limit: number, windowMs: number, burst: number, nowMs: number): void {
    const used = this.#used(nowMs);
    this.#limit = unsigned(limit);
    this.#windowMs = windowMs;
    this.#burst = unsigned(burst);
    this.#intervalMs = windowMs / this.#limit;
    this.#stuck = used;
    this.#fullAtMs = nowMs + this.#timeFor(used);
    this.#quota = undefined;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    const clockMs = clock.now();
    if (clockMs > this.latestMs) this.latestMs = clockMs;
    // Without a limit, or by rounding, no time is short for what is never there.
    if (permits > this.#burst) return false;
    const nowMs = this.latestMs;
    const fullAtMs = (this.#fullAtMs > nowMs ? this.#fullAtMs : nowMs) + permits * this.#intervalMs;
    const shortMs = fullAtMs - nowMs - this.#burst * this.#intervalMs;
    // More than a millisecond short is no rounding error; and what is no number, as of a limit of 0, is left to the formulas that know it.
    if (shortMs > 1) return false;
    if (!(shortMs <= 0)) return this.tryTakeNow(permits);
    this.#fullAtMs = fullAtMs;
    return true;
  }

  availableAt(permits: number, nowMs: number): number {
    // Of a limit of 0 nobody asks for more than nothing.
    if (this.#limit === 0) return this.#stuck > this.#burst ? Infinity : nowMs;
    return Math.max(nowMs, this.resetAt(permits, nowMs) - this.#timeFor(this.#burst));
  }

  take(permits: number, atMs: number): void {
    this.charge(permits, atMs);
    if (atMs > this.#lastLoanMs) this.#lastLoanMs = atMs;
  }

  untake(permits: number): void {
    this.#fullAtMs -= this.#timeFor(permits);
  }

  /** As `TokenBucket` does it. */
  giveBack(permits: number, atMs: number, nowMs: number): void {
    const laterMs = this.#lastLoanMs - atMs;
    const kept = laterMs > 0 ? laterMs / this.#intervalMs : 0;
    if (kept >= permits) return;
    this.refund(permits - kept, atMs, nowMs);
    if (laterMs > 0) return;
    const beforeMs = atMs - this.#timeFor(permits);
    if (beforeMs >= nowMs) this.#lastLoanMs = beforeMs;
  }

  refund(permits: number, _atMs: number, nowMs: number): void {
    if (this.#limit === 0) this.#stick(-permits, nowMs);
    else this.#fullAtMs = Math.max(this.#fullAtMs - this.#timeFor(permits), nowMs);
  }

  charge(permits: number, nowMs: number): void {
    if (this.#limit === 0) this.#stick(permits, nowMs);
    else this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#timeFor(permits);
  }

  remaining(taking: number, nowMs: number): number {
    return this.limit === 0 ? 0 : this.wholeLeft(this.#burst - this.#used(nowMs) - taking, taking, nowMs);
  }

  resetAt(taking: number, nowMs: number): number {
    return Math.max(this.#fullAtMs, nowMs) + this.#timeFor(taking);
  }

  copy(): GcraMeter {
    const copy = new GcraMeter(this.#name, this.#limit, this.#windowMs, this.#burst);
    copy.latestMs = this.latestMs;
    copy.#fullAtMs = this.#fullAtMs;
    copy.#stuck = this.#stuck;
    return copy;
  }

  #stick(permits: number, nowMs: number): void {
    this.#stuck = Math.max(0, this.#stuck + permits);
    this.#fullAtMs = nowMs + this.#timeFor(this.#stuck);
  }

  #used(nowMs: number): number {
    if (this.#limit === 0) return this.#stuck;
    return isDue(this.#fullAtMs, nowMs) ? 0 : (this.#fullAtMs - nowMs) / this.#intervalMs;
  }

  /** Nothing times an endless interval is nothing, and so is anything times none. */
  #timeFor(permits: number): number {
    return permits === 0 || this.#intervalMs === 0 ? 0 : permits * this.#intervalMs;
  }
}
