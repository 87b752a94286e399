import { quotaPolicy, type QuotaPolicy } from './quota-policy.ts';
import type { WindowAlgorithm } from './rate-algorithm.ts';
import { unsigned } from './rounding.ts';

/** What algorithms that count in windows know of themselves. */
export abstract class WindowArithmetic {
  readonly kind: number;
  readonly limit: number;
  readonly policy: QuotaPolicy;
  protected readonly windowMs: number;

  constructor(kind: number, { name, limit, windowMs }: WindowAlgorithm) {
    this.kind = kind;
    this.limit = unsigned(limit);
    this.policy = Object.freeze(quotaPolicy(name, this.limit, windowMs));
    this.windowMs = windowMs;
  }
}
