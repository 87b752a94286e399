import { dueOf, type Line } from './line.ts';
import type { Meter } from './meter.ts';
import type { QuotaPolicy } from './quota-policy.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Reservation } from './reservation.ts';

/** One of the limits behind a joint one. All times are by the clock of the joint one: clocks differ in where they start. */
export interface JointPart {
  readonly limit: number;
  readonly quota: QuotaPolicy;
  availableAt(permits: number, nowMs: number): number;
  roomAt(permits: number, nowMs: number): number;
  remaining(taking: number, nowMs: number): number;
  resetAt(taking: number, nowMs: number): number;
  take(permits: number, atMs: number): void;
  reserve(permits: number, delayMs: number): Reservation | undefined;
  copy(nowMs: number): JointPart;
}

/** A limiter of this copy of the package, behind those who wait for it alone. */
export class LinePart implements JointPart {
  readonly line: Line;

  constructor(line: Line) {
    this.line = line;
  }

  get limit(): number {
    return this.line.meter.limit;
  }

  get quota(): QuotaPolicy {
    return this.line.meter.quota;
  }

  availableAt(permits: number, nowMs: number): number {
    const lineMs = this.line.now();
    return nowMs + (dueOf(this.line.metered(lineMs), permits, lineMs) - lineMs);
  }

  roomAt(permits: number, nowMs: number): number {
    const lineMs = this.line.now();
    const meter = this.line.metered(lineMs);
    return meter === undefined ? nowMs : nowMs + (meter.roomAt(permits, lineMs) - lineMs);
  }

  remaining(taking: number): number {
    const lineMs = this.line.now();
    return this.line.metered(lineMs)?.remaining(taking, lineMs) ?? 0;
  }

  resetAt(taking: number, nowMs: number): number {
    const lineMs = this.line.now();
    const meter = this.line.metered(lineMs);
    return meter === undefined ? Infinity : nowMs + (meter.resetAt(taking, lineMs) - lineMs);
  }

  take(permits: number): void {
    this.line.meter.take(permits, this.line.now());
  }

  reserve(permits: number, delayMs: number): Reservation | undefined {
    // Not by the clock: whoever looks late makes up for what should have been reserved earlier.
    const nowMs = this.line.meter.latestMs;
    return this.line.reserve(permits, Infinity, nowMs + delayMs, nowMs);
  }

  copy(nowMs: number): JointPart {
    const lineMs = this.line.now();
    const meter = this.line.metered(lineMs);
    return new PlannedPart(this, meter?.copy(), lineMs - nowMs);
  }
}

/** What will have become of a limiter when others have been served. */
class PlannedPart implements JointPart {
  readonly #part: JointPart;
  readonly #meter: Meter | undefined;
  readonly #aheadMs: number;

  constructor(part: JointPart, meter: Meter | undefined, aheadMs: number) {
    this.#part = part;
    this.#meter = meter;
    this.#aheadMs = aheadMs;
  }

  get limit(): number {
    return this.#part.limit;
  }

  get quota(): QuotaPolicy {
    return this.#part.quota;
  }

  availableAt(permits: number, nowMs: number): number {
    return dueOf(this.#meter, permits, nowMs + this.#aheadMs) - this.#aheadMs;
  }

  roomAt(permits: number, nowMs: number): number {
    return (this.#meter?.roomAt(permits, nowMs + this.#aheadMs) ?? nowMs + this.#aheadMs) - this.#aheadMs;
  }

  remaining(taking: number, nowMs: number): number {
    return this.#meter?.remaining(taking, nowMs + this.#aheadMs) ?? 0;
  }

  resetAt(taking: number, nowMs: number): number {
    return (this.#meter?.resetAt(taking, nowMs + this.#aheadMs) ?? Infinity) - this.#aheadMs;
  }

  take(permits: number, atMs: number): void {
    this.#meter?.take(permits, atMs + this.#aheadMs);
  }

  reserve(): undefined {
    return undefined;
  }

  copy(): JointPart {
    return new PlannedPart(this.#part, this.#meter?.copy(), this.#aheadMs);
  }
}

/** A limiter of another make: what it says of itself. */
export class PublicPart implements JointPart {
  readonly limiter: RateLimiter;

  constructor(limiter: RateLimiter) {
    this.limiter = limiter;
  }

  get limit(): number {
    return this.limiter.peek(0).limit;
  }

  get quota(): QuotaPolicy {
    return this.limiter.quota;
  }

  availableAt(permits: number, nowMs: number): number {
    return nowMs + this.limiter.peek(permits).retryAfterMs;
  }

  roomAt(_permits: number, nowMs: number): number {
    return nowMs;
  }

  remaining(taking: number): number {
    return Math.max(0, this.limiter.peek(0).remaining - taking);
  }

  resetAt(taking: number, nowMs: number): number {
    return nowMs + this.limiter.peek(taking).resetMs;
  }

  take(permits: number): void {
    this.limiter.tryAcquire(permits);
  }

  reserve(permits: number): Reservation | undefined {
    return this.limiter.reserve(permits);
  }

  /** Nobody can tell what it will say later. */
  copy(): JointPart {
    return this;
  }
}
