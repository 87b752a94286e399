/**
 * golang.org/x/time/rate in other words: what has accrued is not kept but recomputed. Without its defects: a reservation gives back once, and
 * what never comes is not reserved.
 */
export class NaiveBucket {
  rate: number;
  burst: number;
  tokens: number;
  last = 0;
  lastEvent = 0;

  constructor(rate: number, burst: number) {
    this.rate = rate;
    this.burst = this.tokens = burst;
  }

  at(ms: number): number {
    return Math.min(this.burst, this.tokens + ((ms - this.last) * this.rate) / 1000);
  }

  /** When they can be used; `undefined` when not within the wait. */
  take(permits: number, ms: number, maxWaitMs: number): number | undefined {
    if (this.rate === Infinity) return ms;
    const tokens = this.at(ms) - permits;
    const waitMs = tokens < -1e-9 ? (-tokens / this.rate) * 1000 : 0;
    if (permits > this.burst || waitMs > maxWaitMs || waitMs === Infinity) return undefined;
    this.tokens = tokens;
    this.last = ms;
    this.lastEvent = Math.max(this.lastEvent, ms + waitMs);
    return ms + waitMs;
  }

  cancel(permits: number, actMs: number, ms: number): void {
    if (this.rate === Infinity || permits === 0 || actMs < ms) return;
    // After a change of the rate the latest event may seem to be before this one.
    const restored = Math.min(permits, permits - ((this.lastEvent - actMs) * this.rate) / 1000);
    if (restored <= 0) return;
    this.tokens = Math.min(this.burst, this.at(ms) + restored);
    this.last = ms;
    if (actMs === this.lastEvent) {
      const before = actMs - (permits / this.rate) * 1000;
      if (before >= ms) this.lastEvent = before;
    }
  }

  set(rate: number, burst: number, ms: number): void {
    this.tokens = Math.min(burst, this.at(ms));
    this.last = ms;
    this.rate = rate;
    this.burst = burst;
  }

  /** What was not used after all; negative: more was. */
  put(permits: number, ms: number): void {
    this.tokens = Math.min(this.burst, this.at(ms) + permits);
    this.last = ms;
  }
}
