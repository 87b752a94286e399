import type { Clock } from '@patterns/context';
import { Meter } from './meter.ts';
import { quotaPolicy, type QuotaPolicy } from './quota-policy.ts';
import { isDue, rounded, unsigned } from './rounding.ts';

/** The bucket of golang.org/x/time/rate: tokens accrue at a rate up to the burst, and may be owed. */
export class TokenMeter extends Meter {
  readonly lends: boolean = true;
  readonly #name: string | undefined;
  #ratePerSecond: number;
  #burst: number;
  /** At {@link latestMs}. Negative while permits are owed. */
  #tokens: number;
  /** The time of the latest reservation. */
  #lastLoanMs = -Infinity;
  #quota: QuotaPolicy | undefined;

  constructor(name: string | undefined, ratePerSecond: number, burst: number, tokens: number, nowMs: number) {
    super();
    this.#name = name;
    this.#ratePerSecond = unsigned(ratePerSecond);
    this.#burst = burst;
    this.#tokens = tokens;
    this.latestMs = nowMs;
  }

  get ratePerSecond(): number {
    return this.#ratePerSecond;
  }

  get burst(): number {
    return this.#burst;
  }

  get limit(): number {
    return this.#ratePerSecond === Infinity ? Infinity : this.#burst;
  }

  override get isFree(): boolean {
    return this.#ratePerSecond === Infinity;
  }

  get quota(): QuotaPolicy {
    return (this.#quota ??= quotaPolicy(this.#name, this.#burst, timeFor(this.#burst, this.#ratePerSecond)));
  }

  tokens(nowMs: number): number {
    this.settle(nowMs);
    const aheadMs = this.latestMs - nowMs;
    // On a meter that has gone ahead, what is yet to accrue until then is not there.
    if (aheadMs <= 0 || this.#ratePerSecond === Infinity) return this.#tokens;
    return this.#tokens - (aheadMs * this.#ratePerSecond) / 1000;
  }

  /** Accrues up to now at the old rate. */
  set(ratePerSecond: number, burst: number, nowMs: number): void {
    this.settle(nowMs);
    this.#ratePerSecond = unsigned(ratePerSecond);
    this.#burst = burst;
    if (this.#tokens > burst) this.#tokens = burst;
    // Nothing accrues any more that would make up for a rounding error.
    if (ratePerSecond === 0) this.#tokens = rounded(this.#tokens);
    this.#quota = undefined;
  }

  /** Nothing is left, and nothing owed. */
  empty(): void {
    this.#tokens = 0;
  }

  /** Accrues, as the tokens are those of {@link latestMs}. */
  override advance(clockMs: number): number {
    this.settle(clockMs);
    return this.latestMs;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    this.settle(clock.now());
    if (permits <= this.#tokens) {
      if (this.#ratePerSecond !== Infinity) this.#tokens -= permits;
      return true;
    }
    // More than a microsecond short is no rounding error.
    if (permits - this.#tokens > this.#ratePerSecond * 1e-6) return false;
    return this.#tryTakeRounded(permits);
  }

  availableAt(permits: number, nowMs: number): number {
    this.settle(nowMs);
    return this.latestMs + timeFor(permits - this.#tokens, this.#ratePerSecond);
  }

  take(permits: number, atMs: number): void {
    if (this.#ratePerSecond === Infinity) return;
    // What would run over the brim until then is no longer there then.
    const aheadMs = atMs - this.latestMs;
    if (aheadMs > 0) {
      const spilled = this.#tokens + (aheadMs * this.#ratePerSecond) / 1000 - this.#burst;
      if (spilled > 0) this.#tokens -= spilled;
    }
    this.#tokens -= permits;
    if (atMs > this.#lastLoanMs) this.#lastLoanMs = atMs;
  }

  untake(permits: number): void {
    if (this.#ratePerSecond !== Infinity) this.#tokens += permits;
  }

  /** As `Reservation.CancelAt`: what has been reserved since, at today's rate, was reserved on top of it. */
  giveBack(permits: number, atMs: number, nowMs: number): void {
    const laterMs = this.#lastLoanMs - atMs;
    const kept = laterMs > 0 ? (laterMs * this.#ratePerSecond) / 1000 : 0;
    if (kept >= permits) return;
    this.refund(permits - kept, atMs, nowMs);
    if (laterMs > 0) return;
    const beforeMs = atMs - timeFor(permits, this.#ratePerSecond);
    if (beforeMs >= this.latestMs) this.#lastLoanMs = beforeMs;
  }

  refund(permits: number, _atMs: number, nowMs: number): void {
    if (this.#ratePerSecond === Infinity) return;
    this.settle(nowMs);
    this.#tokens = Math.min(this.#burst, this.#tokens + permits);
  }

  charge(permits: number, nowMs: number): void {
    if (this.#ratePerSecond === Infinity) return;
    this.settle(nowMs);
    this.#tokens -= permits;
  }

  remaining(taking: number, nowMs: number): number {
    if (this.#ratePerSecond === Infinity) return Infinity;
    this.settle(nowMs);
    return this.wholeLeft(this.#tokens - taking, taking, nowMs);
  }

  resetAt(taking: number, nowMs: number): number {
    this.settle(nowMs);
    return this.latestMs + timeFor(this.#burst - this.#tokens + taking, this.#ratePerSecond);
  }

  copy(): TokenMeter {
    return new TokenMeter(this.#name, this.#ratePerSecond, this.#burst, this.#tokens, this.latestMs);
  }

  protected restore(from: TokenMeter): void {
    this.#tokens = from.#tokens;
  }

  protected settle(nowMs: number): void {
    const elapsedMs = nowMs - this.latestMs;
    if (elapsedMs <= 0) return;
    const tokens = this.#tokens + (elapsedMs * this.#ratePerSecond) / 1000;
    this.#tokens = tokens < this.#burst ? tokens : this.#burst;
    this.latestMs = nowMs;
  }

  #tryTakeRounded(permits: number): boolean {
    if (this.#ratePerSecond === Infinity) return true;
    if (permits > this.#burst || !isDue(this.availableAt(permits, this.latestMs), this.latestMs)) return false;
    this.#tokens -= permits;
    return true;
  }
}

/** In which so many accrue. */
function timeFor(permits: number, ratePerSecond: number): number {
  return permits > 0 && ratePerSecond !== Infinity ? (permits / ratePerSecond) * 1000 : 0;
}
