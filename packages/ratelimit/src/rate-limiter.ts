import type { ExecuteOptions, Operation, Policy, WaitOptions } from '@patterns/context';
import type { Decision } from './decision.ts';
import type { QuotaPolicy } from './quota-policy.ts';
import type { Reservation } from './reservation.ts';

export interface AcquireOptions extends WaitOptions {
  /**
   * Refuses at once what cannot be had within this time; exactly this time is allowed. 0 never waits. Where the limit changes during the wait, that
   * ends with this time at the latest.
   * @defaultValue the limiter's
   */
  readonly maxWaitMs?: number | undefined;
}

export interface ReserveOptions {
  /** Takes nothing and gives `undefined` for a longer delay. @defaultValue Infinity */
  readonly maxWaitMs?: number | undefined;
}

export interface LimitedExecuteOptions extends ExecuteOptions, AcquireOptions {
  /** @defaultValue 1 */
  readonly permits?: number | undefined;
}

/**
 * One limit. More permits than its `limit` can never be had: `tryAcquire` says `false`, `check` and `peek` say `retryAfterMs: Infinity`,
 * `reserve` gives `undefined`, `acquire` and `execute` reject with a `RangeError` at once. Zero permits are allowed unless permits are owed.
 * What was taken by `tryAcquire`, `check` or `acquire` stays taken.
 *
 * Permits are whole numbers from 0; anything else is a `RangeError`. A clock that steps back accrues nothing until it has caught up. While
 * callers wait there is one timer, and none otherwise.
 */
export interface RateLimiter extends Policy {
  /** What it promises now. */
  readonly quota: QuotaPolicy;
  /** Takes permits now or not at all (default 1). Synchronous, no allocation; `false` while others wait, whom it never overtakes. */
  tryAcquire(permits?: number): boolean;
  /** {@link tryAcquire}, with the reasons. It takes the permits. */
  check(permits?: number): Decision;
  /** What {@link check} would say; takes nothing. */
  peek(permits?: number): Decision;
  /**
   * Takes permits (default 1) as soon as they are there, strictly first come, first served: small requests do not overtake a large one.
   * Refused at once and with nothing taken, in this order: above the limit (`RangeError`), `signal` already done (its reason), then
   * `RateLimitError` for `'deadline'`, for `'limit'` or `'max-wait'`, for `'queue-full'`. A wait that would end exactly at the deadline is allowed.
   * When `signal` ends the wait it rejects at once with the reason; its permits go back in full and those behind it move up.
   */
  acquire(permits?: number, options?: AcquireOptions): Promise<void>;
  /**
   * Takes permits now (default 1), behind everybody who waits, to be used after `delayMs`. `maxQueue` and the limiter's own `maxWaitMs` do not
   * apply. `undefined` when it never could be.
   */
  reserve(permits?: number, options?: ReserveOptions): Reservation | undefined;
  /** {@link acquire}, then the operation. */
  execute<T>(operation: Operation<T>, options?: LimitedExecuteOptions): Promise<T>;
}
