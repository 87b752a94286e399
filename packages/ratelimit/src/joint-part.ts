import type { Decision } from './decision.ts';
import { dueBeside, keep, type Line } from './line.ts';
import type { Meter, Promised } from './meter.ts';
import type { QuotaPolicy } from './quota-policy.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Reservation } from './reservation.ts';

/** One of the limits behind a joint one. All times are by the clock of the joint one: clocks differ in where they start. */
export interface JointPart {
  readonly limit: number;
  readonly quota: QuotaPolicy;
  availableAt(permits: number, nowMs: number, asker: Meter): number;
  roomAt(permits: number, nowMs: number): number;
  remaining(taking: number, nowMs: number): number;
  resetAt(taking: number, nowMs: number): number;
  take(permits: number, atMs: number): void;
  copy(nowMs: number, asker: Meter): JointPart;
}

/** A limit that there is, and not what will have become of it. */
export interface JointMember extends JointPart {
  /** What it stands for: that of two for the same limiter is the same. */
  readonly source: object;
  /** @param place where it was kept outside until now */
  reserve(permits: number, delayMs: number, asker: Meter, place?: number): Reservation | undefined;
  /** What it says itself. Where the others do not allow it, nothing is taken. */
  decide(permits: number, isTaken: boolean): Decision;
}

/** A limiter of this copy of the package, behind those who wait for it alone. It has seen the time when it is asked, by whoever asks all of them. */
export class LinePart implements JointMember {
  readonly line: Line;

  constructor(line: Line) {
    this.line = line;
  }

  get source(): object {
    return this.line;
  }

  get limit(): number {
    return this.line.meter.limit;
  }

  get quota(): QuotaPolicy {
    return this.line.meter.quota;
  }

  availableAt(permits: number, nowMs: number, asker: Meter): number {
    const lineMs = this.#nowMs;
    return nowMs + (this.line.dueOn(this.line.metered(lineMs), permits, lineMs, asker) - lineMs);
  }

  roomAt(permits: number, nowMs: number): number {
    const lineMs = this.#nowMs;
    return nowMs + (this.line.roomAt(permits, lineMs) - lineMs);
  }

  remaining(taking: number): number {
    const lineMs = this.#nowMs;
    return this.line.metered(lineMs)?.remaining(taking, lineMs) ?? 0;
  }

  resetAt(taking: number, nowMs: number): number {
    const lineMs = this.#nowMs;
    const meter = this.line.metered(lineMs);
    return meter === undefined ? Infinity : nowMs + (meter.resetAt(taking, lineMs) - lineMs);
  }

  take(permits: number): void {
    this.line.meter.take(permits, this.#nowMs);
  }

  reserve(permits: number, delayMs: number, asker: Meter, place?: number): Reservation | undefined {
    const nowMs = this.#nowMs;
    return this.line.reserve(permits, Infinity, nowMs + delayMs, nowMs, asker, place);
  }

  decide(permits: number, isTaken: boolean): Decision {
    const lineMs = this.#nowMs;
    const decision = this.line.decide(permits, lineMs);
    return isTaken || !decision.allowed ? decision : untouched(decision, this.line.decide(0, lineMs));
  }

  copy(nowMs: number, asker: Meter): JointPart {
    const lineMs = this.#nowMs;
    const meter = this.line.metered(lineMs);
    return new PlannedPart(this, meter?.copy(), this.line.promised(asker), lineMs - nowMs);
  }

  get #nowMs(): number {
    return this.line.meter.latestMs;
  }
}

/** What will have become of a limiter when others have been served. */
class PlannedPart implements JointPart {
  readonly #part: JointPart;
  readonly #meter: Meter | undefined;
  /** What {@link #meter} has not taken yet, in the order of its times. */
  readonly #promised: Promised[];
  readonly #aheadMs: number;

  constructor(part: JointPart, meter: Meter | undefined, promised: readonly Promised[], aheadMs: number) {
    this.#part = part;
    this.#meter = meter;
    this.#promised = [...promised];
    this.#aheadMs = aheadMs;
  }

  get limit(): number {
    return this.#part.limit;
  }

  get quota(): QuotaPolicy {
    return this.#part.quota;
  }

  availableAt(permits: number, nowMs: number): number {
    return dueBeside(this.#promised, this.#meter, permits, nowMs + this.#aheadMs) - this.#aheadMs;
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
    if (this.#meter === undefined) return;
    const lineMs = atMs + this.#aheadMs;
    const passed = this.#promised.filter((one) => one.atMs <= lineMs);
    for (const one of this.#promised.splice(0, passed.length)) keep(this.#meter, one);
    this.#meter.take(permits, lineMs);
  }

  copy(): JointPart {
    return new PlannedPart(this.#part, this.#meter?.copy(), this.#promised, this.#aheadMs);
  }
}

/** A limiter of another make: what it says of itself. */
export class PublicPart implements JointMember {
  readonly source: RateLimiter;

  constructor(limiter: RateLimiter) {
    this.source = limiter;
  }

  get limit(): number {
    return this.source.peek(0).limit;
  }

  get quota(): QuotaPolicy {
    return this.source.quota;
  }

  availableAt(permits: number, nowMs: number): number {
    return nowMs + this.source.peek(permits).retryAfterMs;
  }

  roomAt(_permits: number, nowMs: number): number {
    return nowMs;
  }

  remaining(taking: number): number {
    return Math.max(0, this.source.peek(0).remaining - taking);
  }

  resetAt(taking: number, nowMs: number): number {
    return nowMs + this.source.peek(taking).resetMs;
  }

  take(permits: number): void {
    this.source.tryAcquire(permits);
  }

  reserve(permits: number): Reservation | undefined {
    return this.source.reserve(permits);
  }

  decide(permits: number, isTaken: boolean): Decision {
    const decision = this.source.peek(permits);
    return isTaken || !decision.allowed ? decision : untouched(decision, this.source.peek(0));
  }

  copy(): JointPart {
    return new UnplannedPart(this.source);
  }
}

/** Nobody can tell what it will say later. */
class UnplannedPart extends PublicPart {
  override take(): void {
    // It is but a plan.
  }

  override copy(): JointPart {
    return this;
  }
}

function untouched(decision: Decision, { remaining, resetMs }: Decision): Decision {
  return { ...decision, remaining, resetMs };
}
