import { Meter } from './meter.ts';
import { quotaPolicy, type QuotaPolicy } from './quota-policy.ts';
import { unsigned } from './rounding.ts';

/** `limit` per `windowMs`, counted: what is taken for a later time is counted when that has come. */
export abstract class WindowMeter extends Meter {
  readonly lends: boolean = false;
  protected readonly name: string | undefined;
  readonly windowMs: number;
  /** Of whoever came last. Nobody comes before that, also on a copy that has gone ahead. */
  protected lastMs: number = -Infinity;
  #limit: number;
  #quota: QuotaPolicy | undefined;

  constructor(name: string | undefined, limit: number, windowMs: number) {
    super();
    this.name = name;
    this.#limit = unsigned(limit);
    this.windowMs = windowMs;
  }

  get limit(): number {
    return this.#limit;
  }

  get quota(): QuotaPolicy {
    return (this.#quota ??= quotaPolicy(this.name, this.#limit, this.windowMs));
  }

  get ratePerSecond(): number {
    return (this.#limit / this.windowMs) * 1000;
  }

  setLimit(limit: number): void {
    this.#limit = unsigned(limit);
    this.#quota = undefined;
  }

  /** Only at its very time: before that it is not counted yet. */
  giveBack(permits: number, atMs: number, nowMs: number, lent: number): void {
    this.refund(permits, atMs, nowMs, lent);
  }

  charge(permits: number, nowMs: number): void {
    this.take(permits, nowMs);
  }

  /** A time that is a rounding error before a boundary counts as the boundary. */
  protected roundUp(atMs: number): number {
    return atMs + Math.max(1e-6, atMs * 2 ** -51);
  }
}
