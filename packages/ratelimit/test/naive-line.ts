import { NaiveBucket } from './naive-bucket.ts';

export interface NaiveCaller {
  readonly id: number;
  readonly permits: number;
  readonly maxWaitMs: number;
  /** By the timers' time. */
  readonly deadlineMs: number;
}

interface Waiting extends NaiveCaller {
  readonly latestMs: number;
}

const rounding = 1e-6;

/**
 * Callers before a bucket, played through event by event. Nothing is foreseen but by playing it through once more, nothing is kept but who waits
 * and the bucket.
 */
export class NaiveLine {
  readonly bucket: NaiveBucket;
  readonly waiting: Waiting[] = [];
  /** By who called: how it ended, and when by the timers' time. */
  readonly outcomes: Map<number, string> = new Map<number, string>();
  readonly #maxQueue: number;
  readonly #dropsOldest: boolean;
  /** Time by which timers go. The clock is ahead of it, or behind. */
  timerMs: number = 0;
  skewMs: number = 0;
  /** The latest that the clock has shown. */
  seenMs: number = 0;
  #dueMs = Infinity;
  #fireMs = Infinity;

  constructor(rate: number, burst: number, maxQueue: number, dropsOldest: boolean) {
    this.bucket = new NaiveBucket(rate, burst);
    this.#maxQueue = maxQueue;
    this.#dropsOldest = dropsOldest;
  }

  /** Somebody looks: whose time has come by the clock is served, even if the timer is late. */
  look(): void {
    this.#see();
    if (this.#dueMs <= this.seenMs + rounding) this.#serve();
  }

  advance(ms: number): void {
    const endMs = this.timerMs + ms;
    for (;;) {
      const next = this.waiting.reduce((one, other) => (other.deadlineMs < one ? other.deadlineMs : one), Infinity);
      const atMs = Math.min(next, this.#fireMs);
      if (atMs > endMs + rounding) break;
      this.timerMs = Math.max(this.timerMs, atMs);
      if (this.#fireMs <= next) {
        this.seenMs = Math.max(this.seenMs, this.#dueMs);
        this.#dueMs = this.#fireMs = Infinity;
        this.#see();
        this.#serve();
      } else this.leave(this.waiting.find(({ deadlineMs }) => deadlineMs === next) as Waiting, 'late');
    }
    this.timerMs = endMs;
  }

  tryAcquire(permits: number): boolean {
    this.look();
    return this.waiting.length === 0 && this.bucket.take(permits, this.seenMs, 0) !== undefined;
  }

  acquire(caller: NaiveCaller): void {
    const { permits, maxWaitMs, deadlineMs } = caller;
    if (permits > this.bucket.burst) {
      this.#see();
      this.#end(caller, 'above');
      return;
    }
    if (this.tryAcquire(permits)) {
      this.#end(caller, 'served');
      return;
    }
    const isFull = this.waiting.length >= this.#maxQueue;
    const drops = isFull && this.#dropsOldest && this.waiting.length > 0 ? 1 : 0;
    const delayMs = this.#foresee([...this.waiting.slice(drops), caller]) - this.seenMs;
    if (delayMs > deadlineMs - this.timerMs + rounding) this.#end(caller, 'deadline');
    else if (delayMs > maxWaitMs + rounding) this.#end(caller, maxWaitMs === 0 ? 'limit' : 'max-wait');
    else if (isFull && drops === 0) this.#end(caller, 'queue-full');
    else {
      this.waiting.push({ ...caller, latestMs: this.seenMs + maxWaitMs });
      if (drops > 0) this.#end(this.waiting[0] as Waiting, 'dropped');
      if (drops > 0 || this.waiting.length === 1) this.#serve();
    }
  }

  leave(caller: NaiveCaller, how: string): void {
    const wasFirst = caller === this.waiting[0];
    this.#end(caller, how);
    if (!wasFirst) return;
    this.#see();
    this.#serve();
  }

  reserve(permits: number): number | undefined {
    this.#see();
    if (permits > this.bucket.burst) return undefined;
    this.look();
    return this.bucket.take(permits, this.seenMs, Infinity);
  }

  cancel(permits: number, atMs: number): void {
    this.#change((bucket, nowMs) => {
      bucket.cancel(permits, atMs, nowMs);
    });
  }

  settle(lent: number, used: number, atMs: number): void {
    this.#change((bucket, nowMs) => {
      if (used <= lent && atMs > nowMs) bucket.cancel(lent - used, atMs, nowMs);
      else bucket.put(lent - used, nowMs);
    });
  }

  update(rate: number, burst: number): void {
    this.#change((bucket, nowMs) => {
      bucket.set(rate, burst, nowMs);
    });
  }

  #change(change: (bucket: NaiveBucket, nowMs: number) => void): void {
    this.look();
    change(this.bucket, this.seenMs);
    this.#serve();
  }

  #see(): void {
    this.seenMs = Math.max(this.seenMs, this.timerMs + this.skewMs);
  }

  /** When the last of them would be served. */
  #foresee(callers: readonly NaiveCaller[]): number {
    const { rate, burst } = this.bucket;
    let tokens = this.bucket.at(this.seenMs);
    let atMs = this.seenMs;
    for (const { permits } of callers) {
      if (permits > burst) continue;
      if (permits > tokens + rounding) {
        atMs += ((permits - tokens) / rate) * 1000;
        tokens = permits;
      }
      tokens -= permits;
    }
    return atMs;
  }

  #serve(): void {
    for (;;) {
      const first = this.waiting[0];
      const dueMs = first === undefined ? Infinity : this.#foresee([first]);
      if (first === undefined) {
        this.#arm(Infinity);
        return;
      }
      if (first.permits > this.bucket.burst) this.#end(first, 'above');
      else if (dueMs <= this.seenMs + rounding) {
        this.bucket.take(first.permits, this.seenMs, rounding);
        this.#end(first, 'served');
      } else if (dueMs > first.latestMs + rounding) this.#end(first, 'max-wait');
      else {
        const latestMs = Math.min(...this.waiting.map((waiting) => waiting.latestMs));
        if (latestMs > this.seenMs + rounding) {
          this.#arm(Math.min(dueMs, latestMs));
          return;
        }
        this.#end(this.waiting.find((waiting) => waiting.latestMs === latestMs) as Waiting, 'max-wait');
      }
    }
  }

  #arm(dueMs: number): void {
    if (Math.abs(dueMs - this.#dueMs) <= rounding) return;
    this.#dueMs = dueMs;
    this.#fireMs = this.timerMs + (dueMs - this.seenMs);
  }

  #end(caller: NaiveCaller, how: string): void {
    const place = this.waiting.findIndex(({ id }) => id === caller.id);
    if (place >= 0) this.waiting.splice(place, 1);
    this.outcomes.set(caller.id, `${how} at ${this.timerMs.toFixed(3)}`);
  }
}
