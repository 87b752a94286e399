import type { JointPart } from './joint-part.ts';
import { Meter } from './meter.ts';
import type { QuotaPolicy } from './quota-policy.ts';

/** Several limits as one: something is available when it is from all. It has no state of its own. To try out what would follow, nothing is given back to it. */
export class JointPlan extends Meter {
  readonly #parts: readonly JointPart[];

  constructor(parts: readonly JointPart[]) {
    super();
    this.#parts = parts;
  }

  get lends(): boolean {
    return true;
  }

  get limit(): number {
    return Math.min(...this.#parts.map((part) => part.limit));
  }

  get quota(): QuotaPolicy {
    return this.#parts.map(({ quota }) => quota).reduce((one, other) => (rateOf(other) < rateOf(one) ? other : one));
  }

  get ratePerSecond(): number {
    return rateOf(this.quota) * 1000;
  }

  availableAt(permits: number, nowMs: number): number {
    return this.#most((part) => part.availableAt(permits, nowMs, this));
  }

  override roomAt(permits: number, nowMs: number): number {
    return this.#most((part) => part.roomAt(permits, nowMs));
  }

  take(permits: number, atMs: number): void {
    for (const part of this.#parts) part.take(permits, atMs);
  }

  untake(): void {
    // See above.
  }

  giveBack(): void {
    // As above.
  }

  refund(): void {
    // As above.
  }

  charge(): void {
    // As above.
  }

  remaining(taking: number, nowMs: number): number {
    return Math.min(...this.asked().map((part) => part.remaining(taking, nowMs)));
  }

  resetAt(taking: number, nowMs: number): number {
    return this.#most((part) => part.resetAt(taking, nowMs));
  }

  copy(): JointPlan {
    const copy = new JointPlan(this.asked().map((part) => part.copy(this.latestMs, this)));
    copy.latestMs = this.latestMs;
    return copy;
  }

  /** On whom it depends when something is available. */
  protected asked(): readonly JointPart[] {
    return this.#parts;
  }

  #most(of: (part: JointPart) => number): number {
    return Math.max(...this.asked().map(of));
  }
}

function rateOf({ limit, windowMs }: QuotaPolicy): number {
  return limit === Infinity ? Infinity : limit / windowMs;
}
