import { checkWhole } from './check-option.ts';
import { resolveLimiterOptions, type LimiterOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { LocalLimiter } from './local-limiter.ts';
import { Meter } from './meter.ts';
import { quotaPolicy, type QuotaPolicy } from './quota-policy.ts';
import { isDue, unsigned } from './rounding.ts';
import { checkRate, type Changes } from './token-bucket.ts';

export interface LeakyBucketOptions extends Omit<LimiterOptions, 'maxQueue'> {
  /** `Infinity` does not space at all; 0 has no second slot: who waits then, waits for `update`. */
  readonly ratePerSecond: number;
  /** Slots taken at any moment, the one in use included: bounds who waits, in place of `maxQueue`. 0 allows nothing. */
  readonly capacity: number;
  /** Slots missed while idle that may be caught up. @defaultValue 0 */
  readonly slack?: number | undefined;
}

/**
 * Shapes: one slot every `1000 / ratePerSecond` ms, a call of n permits takes n slots and starts at the first. `tryAcquire` succeeds only when
 * the slot is now. Full, it refuses: `acquire` with `'queue-full'` and the time until there is room, `reserve` with `undefined`.
 * The first call starts at once; slack is no burst at the start.
 *
 * Bound: `1 + slack + ratePerSecond * t` starts in any t seconds. O(1) memory.
 *
 * @example
 * ```ts
 * const spaced = new LeakyBucket({ ratePerSecond: 5, capacity: 100 });
 * await spaced.execute((ctx) => fetch('https://example.com/', { signal: ctx.signal }));
 * ```
 * @see go.uber.org/ratelimit
 */
export class LeakyBucket extends LocalLimiter {
  readonly #line: Line;
  readonly #meter: LeakyMeter;

  /** @throws {RangeError} for an option out of range */
  constructor(options: LeakyBucketOptions) {
    // Named one by one, as those of the other limiters may be inherited too.
    const { ratePerSecond, capacity, slack = 0, name, maxWaitMs, overflow, clock } = options;
    checkShape(ratePerSecond, capacity, slack);
    // Who waits takes a slot, unless for 0 permits.
    const resolved = resolveLimiterOptions({ name, maxWaitMs, maxQueue: Math.max(1, capacity), overflow, clock });
    const meter = new LeakyMeter(resolved.name, ratePerSecond, capacity, slack);
    const line = new Line(meter, resolved);
    super(line);
    this.#line = line;
    this.#meter = meter;
  }

  /** Slots taken already keep their times; callers who wait are scheduled anew. */
  update({
    ratePerSecond = this.#meter.ratePerSecond,
    capacity = this.#meter.limit,
    slack = this.#meter.slack,
  }: Changes<LeakyBucketOptions, 'ratePerSecond' | 'capacity' | 'slack'>): void {
    checkShape(ratePerSecond, capacity, slack);
    this.#line.change(() => {
      this.#meter.set(ratePerSecond, capacity, slack);
    });
    this.#line.maxQueue = Math.max(1, capacity);
  }
}

function checkShape(ratePerSecond: number, capacity: number, slack: number): void {
  checkRate(ratePerSecond);
  checkWhole('capacity', capacity, 0, Infinity);
  checkWhole('slack', slack, 0, Infinity);
}

class LeakyMeter extends Meter {
  readonly lends: boolean = true;
  readonly #name: string | undefined;
  #ratePerSecond: number;
  #capacity: number;
  #slack: number;
  #intervalMs: number;
  /**
   * The first of the slots taken last, how many they are, and how far apart: as they were when taken. An interval behind them the next one is free,
   * in the past by what was missed while idle. Where all of them have been given back, it is the first that is free.
   */
  #slotMs = -Infinity;
  #slots = 0;
  #spacingMs = 0;
  /** What {@link untake} goes back to. */
  #slotBeforeMs = -Infinity;
  #slotsBefore = 0;
  #spacingBeforeMs = 0;
  #quota: QuotaPolicy | undefined;

  constructor(name: string | undefined, ratePerSecond: number, capacity: number, slack: number) {
    super();
    this.#name = name;
    this.#ratePerSecond = unsigned(ratePerSecond);
    this.#capacity = unsigned(capacity);
    this.#slack = unsigned(slack);
    this.#intervalMs = 1000 / this.#ratePerSecond;
  }

  get limit(): number {
    return this.#capacity;
  }

  get slack(): number {
    return this.#slack;
  }

  get ratePerSecond(): number {
    return this.#ratePerSecond;
  }

  override get isFree(): boolean {
    return this.#ratePerSecond === Infinity;
  }

  get quota(): QuotaPolicy {
    return (this.#quota ??= quotaPolicy(this.#name, this.#capacity, this.#timeFor(this.#capacity)));
  }

  set(ratePerSecond: number, capacity: number, slack: number): void {
    this.#ratePerSecond = unsigned(ratePerSecond);
    this.#capacity = unsigned(capacity);
    this.#slack = unsigned(slack);
    this.#intervalMs = 1000 / this.#ratePerSecond;
    this.#quota = undefined;
    // Slots of which there was only the first so far.
    if (this.#spacingMs === Infinity) this.#spacingMs = this.#intervalMs;
  }

  availableAt(_permits: number, nowMs: number): number {
    return Math.max(this.#nextMs, nowMs);
  }

  override roomAt(permits: number, nowMs: number): number {
    if (permits === 0 || this.#nextMs <= nowMs) return nowMs;
    const spare = this.#capacity - permits;
    // A slot that never ends is one.
    if (this.#intervalMs === Infinity) return spare > 0 ? nowMs : Infinity;
    return this.#nextMs - this.#timeFor(spare);
  }

  take(permits: number, atMs: number): void {
    this.#slotBeforeMs = this.#slotMs;
    this.#slotsBefore = this.#slots;
    this.#spacingBeforeMs = this.#spacingMs;
    if (permits === 0) return;
    this.#slotMs = this.#firstSlotMs(atMs);
    this.#slots = permits;
    this.#spacingMs = this.#intervalMs;
  }

  untake(): void {
    this.#slotMs = this.#slotBeforeMs;
    this.#slots = this.#slotsBefore;
    this.#spacingMs = this.#spacingBeforeMs;
  }

  /** Slots behind which another one is taken are lost: that one keeps its time. */
  giveBack(permits: number, atMs: number, _nowMs: number, lent: number): void {
    const endMs = atMs + timeOf(lent, this.#spacingMs);
    if (this.#slots === 0 && isDue(this.#slotMs, endMs) && isDue(endMs, this.#slotMs)) {
      // All that came behind them have been given back before.
      this.#slotMs = atMs;
      this.#slots = lent;
    }
    if (!isDue(this.#slotMs, atMs)) return;
    this.#slots -= permits;
    if (this.#slots >= 0) return;
    this.#slotMs += this.#slots * this.#spacingMs;
    this.#slots = 0;
  }

  /** Its first slot has been used; those that would follow are free again. */
  refund(permits: number, atMs: number, nowMs: number, lent: number): void {
    this.giveBack(permits, atMs, nowMs, lent);
  }

  charge(permits: number, nowMs: number): void {
    if (this.#nextMs <= nowMs) {
      this.take(permits, nowMs);
      return;
    }
    if (this.#spacingMs !== this.#intervalMs) {
      // The last one keeps its time, and is the first of those that are spaced as from now on.
      this.#slotMs += timeOf(Math.max(0, this.#slots - 1), this.#spacingMs);
      this.#slots = Math.min(this.#slots, 1);
      this.#spacingMs = this.#intervalMs;
    }
    this.#slots += permits;
  }

  remaining(taking: number, nowMs: number): number {
    const takenMs = this.resetAt(taking, nowMs) - nowMs;
    if (isDue(takenMs, 0)) return this.#capacity;
    return Math.max(0, this.#capacity - (takenMs === Infinity ? 1 : Math.ceil(takenMs / this.#intervalMs - 1e-9)));
  }

  resetAt(taking: number, nowMs: number): number {
    const nextMs = taking === 0 ? this.#nextMs : this.#firstSlotMs(nowMs) + this.#timeFor(taking);
    return Math.max(nextMs, nowMs);
  }

  copy(): LeakyMeter {
    const copy = new LeakyMeter(this.#name, this.#ratePerSecond, this.#capacity, this.#slack);
    copy.latestMs = this.latestMs;
    copy.#slotMs = this.#slotMs;
    copy.#slots = this.#slots;
    copy.#spacingMs = this.#spacingMs;
    return copy;
  }

  get #nextMs(): number {
    if (this.#slots === 0) return this.#slotMs;
    return this.#slotMs + timeOf(this.#slots - 1, this.#spacingMs) + this.#intervalMs;
  }

  /** Of a call that starts then. It may have been missed, but for the first call there was nothing to miss. */
  #firstSlotMs(atMs: number): number {
    return Math.max(this.#nextMs, this.#slotMs === -Infinity ? atMs : atMs - this.#timeFor(this.#slack));
  }

  #timeFor(permits: number): number {
    return timeOf(permits, this.#intervalMs);
  }
}

/** No slots take no time, also where each takes for ever; nor do endless ones that take none. */
function timeOf(slots: number, spacingMs: number): number {
  return slots === 0 || spacingMs === 0 ? 0 : slots * spacingMs;
}
