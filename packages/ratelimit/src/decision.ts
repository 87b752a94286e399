import type { QuotaPolicy } from './quota-policy.ts';

/** What a limiter says to somebody who asks for permits. */
export interface Decision {
  readonly allowed: boolean;
  /** The most that can be had at once. */
  readonly limit: number;
  /** Whole permits left at this moment, never below 0. */
  readonly remaining: number;
  /** 0 when allowed; `Infinity` when it never can be. */
  readonly retryAfterMs: number;
  /** Until the whole limit is available again, if nothing more is taken. */
  readonly resetMs: number;
  /** The limit that decided. Of several the tightest: of those that refuse the one with the longest `retryAfterMs`, else the one with the smallest share left. */
  readonly policy: QuotaPolicy | undefined;
  /** One per limit, where several decided together. */
  readonly decisions?: readonly Decision[] | undefined;
  /** The shared store did not answer: this is what `onStoreError` says. */
  readonly degraded?: 'store-error' | undefined;
}
