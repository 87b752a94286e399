import type { Clock } from '@patterns/context';
import { AdmittedRate } from './admitted-rate.ts';
import { CubicRate } from './cubic-rate.ts';
import { isDue } from './rounding.ts';
import { TokenMeter } from './token-meter.ts';

interface Bounds {
  readonly minPerSecond: number;
  readonly maxPerSecond: number;
}

/** A bucket whose rate is cubic, capped and paused by what a server says. */
export class AdaptiveMeter extends TokenMeter {
  readonly #bounds: Bounds;
  readonly #admitted: AdmittedRate;
  /** Since the first refusal. */
  #cubic: CubicRate | undefined;
  /** Without the cap. */
  #uncapped: number;
  #cap = Infinity;
  #cappedUntilMs = Infinity;
  #pausedUntilMs = -Infinity;
  /** Of the pause, so far because nothing is left. */
  #spentUntilMs = -Infinity;

  constructor(name: string | undefined, ratePerSecond: number, bounds: Bounds, nowMs: number) {
    const burst = burstOf(ratePerSecond);
    super(name, ratePerSecond, burst, burst, nowMs);
    this.#uncapped = ratePerSecond;
    this.#bounds = bounds;
    this.#admitted = new AdmittedRate(nowMs);
  }

  override get ratePerSecond(): number {
    return isDue(this.#spentUntilMs, this.latestMs) ? super.ratePerSecond : 0;
  }

  observe(isThrottled: boolean, nowMs: number): void {
    const measured = this.#admitted.at(nowMs);
    let rate: number;
    if (isThrottled) {
      const lastMax = this.#cubic === undefined ? measured : Math.min(measured, this.#uncapped);
      this.#cubic = new CubicRate(lastMax, nowMs);
      rate = this.#cubic.at(nowMs);
    } else if (this.#cubic === undefined) return;
    else rate = Math.min(this.#cubic.at(nowMs), 2 * measured);
    const { minPerSecond, maxPerSecond } = this.#bounds;
    this.#uncapped = Math.min(maxPerSecond, Math.max(minPerSecond, rate));
    this.#apply(nowMs);
  }

  /** Until then; what was said before no longer holds. */
  cap(perSecond: number, untilMs: number): void {
    this.#cap = perSecond;
    this.#cappedUntilMs = untilMs;
    this.#apply(this.latestMs);
  }

  /**
   * A cap of 0 until then: as a pause, so that the bucket keeps its burst, and whoever waits for more than one permit his place. A longer one
   * stays, as this may be an answer that was on its way.
   */
  spend(untilMs: number): void {
    if (untilMs > this.#spentUntilMs) this.#spentUntilMs = untilMs;
    this.pause(untilMs);
  }

  /** A longer pause stays. */
  pause(untilMs: number): void {
    if (untilMs > this.#pausedUntilMs) this.#pausedUntilMs = untilMs;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    this.settle(clock.now());
    if (!isDue(this.#pausedUntilMs, this.latestMs) || !super.tryTake(permits, clock)) return false;
    this.#admitted.count(permits, this.latestMs);
    return true;
  }

  override availableAt(permits: number, nowMs: number): number {
    const dueMs = super.availableAt(permits, nowMs);
    const cappedUntilMs = this.#cappedUntilMs;
    if (dueMs <= cappedUntilMs) return Math.max(dueMs, this.#pausedUntilMs);
    // The rest comes faster.
    const uncapped = this.copy();
    uncapped.settle(cappedUntilMs);
    return uncapped.availableAt(permits, cappedUntilMs);
  }

  override take(permits: number, atMs: number): void {
    super.take(permits, atMs);
    if (atMs > this.latestMs) this.#admitted.countLater(permits, atMs);
    else this.#admitted.count(permits, this.latestMs);
  }

  override untake(permits: number): void {
    super.untake(permits);
    this.#admitted.count(-permits, this.latestMs);
  }

  override remaining(taking: number, nowMs: number): number {
    return isDue(this.#pausedUntilMs, nowMs) ? super.remaining(taking, nowMs) : 0;
  }

  override resetAt(taking: number, nowMs: number): number {
    return Math.max(super.resetAt(taking, nowMs), this.#pausedUntilMs);
  }

  override copy(): AdaptiveMeter {
    const copy = new AdaptiveMeter(undefined, super.ratePerSecond, this.#bounds, this.latestMs);
    copy.#uncapped = this.#uncapped;
    copy.#cap = this.#cap;
    copy.#cappedUntilMs = this.#cappedUntilMs;
    copy.#pausedUntilMs = this.#pausedUntilMs;
    copy.#spentUntilMs = this.#spentUntilMs;
    copy.restore(this);
    return copy;
  }

  protected override settle(nowMs: number): void {
    if (this.#cap !== Infinity && isDue(this.#cappedUntilMs, nowMs)) {
      const cappedUntilMs = this.#cappedUntilMs;
      this.#cap = this.#cappedUntilMs = Infinity;
      super.settle(cappedUntilMs);
      this.#apply(this.latestMs);
    }
    super.settle(nowMs);
  }

  #apply(nowMs: number): void {
    const rate = Math.min(this.#uncapped, this.#cap);
    const wasUnlimited = super.ratePerSecond === Infinity;
    if (rate === super.ratePerSecond) return;
    this.set(rate, burstOf(rate), nowMs);
    // Whatever had been taken until now was not counted.
    if (wasUnlimited) this.empty();
  }
}

function burstOf(ratePerSecond: number): number {
  return Math.max(ratePerSecond, 1);
}
