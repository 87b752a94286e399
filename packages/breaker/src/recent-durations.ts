import { LogHistogram, type DurationSummary } from '@patterns/structures';

const spanMs = 60_000;

/** Durations of the last one to two minutes: the minute under way and the one before. At most 24 kB. */
export class RecentDurations {
  #current = new LogHistogram();
  #previous = new LogHistogram();
  #startedAtMs: number;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
  }

  record(durationMs: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#current.record(durationMs);
  }

  summary(nowMs: number): DurationSummary {
    this.#advance(nowMs);
    const both = new LogHistogram();
    both.merge(this.#previous);
    both.merge(this.#current);
    return both.summary();
  }

  #advance(nowMs: number): void {
    const passed = Math.floor((nowMs - this.#startedAtMs) / spanMs);
    if (passed < 1) return;
    this.#startedAtMs += passed * spanMs;
    [this.#previous, this.#current] = [this.#current, this.#previous];
    this.#current.reset();
    if (passed > 1) this.#previous.reset();
  }
}
