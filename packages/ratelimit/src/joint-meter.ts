import type { Clock } from '@patterns/context';
import { LinePart, type JointPart } from './joint-part.ts';
import { Meter, type Loan } from './meter.ts';
import type { QuotaPolicy } from './quota-policy.ts';
import type { Reservation } from './reservation.ts';

/** Several limits as one: something is available when it is from all. It has no state of its own. */
export class JointMeter extends Meter {
  readonly lends: boolean = true;
  readonly #parts: readonly JointPart[];
  readonly #lineParts: readonly LinePart[];

  constructor(parts: readonly JointPart[]) {
    super();
    this.#parts = parts;
    this.#lineParts = parts.filter((part) => part instanceof LinePart);
  }

  get limit(): number {
    return this.#least((part) => part.limit);
  }

  get quota(): QuotaPolicy {
    return this.#parts.map(({ quota }) => quota).reduce((one, other) => (rateOf(other) < rateOf(one) ? other : one));
  }

  get ratePerSecond(): number {
    return rateOf(this.quota) * 1000;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    const parts = this.#lineParts;
    if (parts.length < this.#parts.length) return super.tryTake(permits, clock);
    for (let n = 0; n < parts.length; n++) {
      const { line } = parts[n] as LinePart;
      if ((line.isEmpty || line.isEmptyAt(line.now())) && line.meter.tryTake(permits, line.clock)) continue;
      for (let before = 0; before < n; before++) parts[before]?.line.meter.untake(permits);
      // The clock may step back before the others are asked: they have seen this time too.
      for (let after = n + 1; after < parts.length; after++) parts[after]?.line.now();
      return false;
    }
    return true;
  }

  availableAt(permits: number, nowMs: number): number {
    return this.#most((part) => part.availableAt(permits, nowMs));
  }

  override roomAt(permits: number, nowMs: number): number {
    return this.#most((part) => part.roomAt(permits, nowMs));
  }

  take(permits: number, atMs: number): void {
    for (const part of this.#parts) part.take(permits, atMs);
  }

  override lend(permits: number, atMs: number): Loan {
    const delayMs = atMs - this.latestMs;
    const reservations = this.#parts.map((part) => part.reserve(permits, delayMs));
    return new JointLoan(
      permits,
      reservations.filter((reservation) => reservation !== undefined),
    );
  }

  untake(permits: number): void {
    for (const part of this.#lineParts) part.line.meter.untake(permits);
  }

  giveBack(): void {
    // Its loans know where they came from.
  }

  refund(): void {
    // As above.
  }

  charge(): void {
    // As above.
  }

  remaining(taking: number, nowMs: number): number {
    return this.#least((part) => part.remaining(taking, nowMs));
  }

  resetAt(taking: number, nowMs: number): number {
    return this.#most((part) => part.resetAt(taking, nowMs));
  }

  copy(): JointMeter {
    const copy = new JointMeter(this.#parts.map((part) => part.copy(this.latestMs)));
    copy.latestMs = this.latestMs;
    return copy;
  }

  override advance(clockMs: number): number {
    const clock = this.#lineParts[0]?.line.clock;
    for (const { line } of this.#lineParts) {
      // By the same clock, which a timer may have run ahead of.
      if (line.clock === clock) line.advance(clockMs);
      else line.now();
    }
    return super.advance(clockMs);
  }

  override watch(listener: () => void): void {
    for (const part of this.#lineParts) part.line.watchers.add(listener);
  }

  override unwatch(listener: () => void): void {
    for (const part of this.#lineParts) part.line.watchers.delete(listener);
  }

  #most(of: (part: JointPart) => number): number {
    return Math.max(...this.#parts.map(of));
  }

  #least(of: (part: JointPart) => number): number {
    return Math.min(...this.#parts.map(of));
  }
}

class JointLoan implements Loan {
  readonly #permits: number;
  readonly #reservations: readonly Reservation[];

  constructor(permits: number, reservations: readonly Reservation[]) {
    this.#permits = permits;
    this.#reservations = reservations;
  }

  giveBack(permits: number): void {
    this.#settle(this.#permits - permits);
  }

  refund(permits: number): void {
    this.#settle(this.#permits - permits);
  }

  charge(permits: number): void {
    this.#settle(this.#permits + permits);
  }

  #settle(permits: number): void {
    for (const reservation of this.#reservations) reservation.settle(permits);
  }
}

function rateOf({ limit, windowMs }: QuotaPolicy): number {
  return limit === Infinity ? Infinity : limit / windowMs;
}
