import { checkText } from '@patterns/context/internal';
import { checkPositive, checkWhole } from './check-option.ts';
import type { FixedWindowOptions } from './fixed-window.ts';
import type { GcraOptions } from './gcra.ts';
import type { TokenBucketOptions } from './token-bucket.ts';

/** Plain frozen data, the same for memory and Redis. `new Gcra()` is one limiter; this describes what a holder of many keeps per key. */
export type RateAlgorithm = GcraAlgorithm | TokenBucketAlgorithm | WindowAlgorithm;

export interface GcraAlgorithm {
  readonly kind: 'gcra';
  readonly name?: string | undefined;
  readonly limit: number;
  readonly windowMs: number;
  readonly burst: number;
}

export interface TokenBucketAlgorithm {
  readonly kind: 'token-bucket';
  readonly name?: string | undefined;
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface WindowAlgorithm {
  readonly kind: 'fixed-window' | 'sliding-counter' | 'sliding-log';
  readonly name?: string | undefined;
  readonly limit: number;
  readonly windowMs: number;
}

type WindowDescription = Pick<FixedWindowOptions, 'name' | 'limit' | 'windowMs'>;

/** A log costs memory for each permit of each key. */
const mostLogged = 1_000;

/**
 * `limit` permits per `windowMs`, evenly, and `burst` of them at once: a token bucket that is one number per key. See `Gcra`; `name` becomes
 * that of the `QuotaPolicy`.
 *
 * @throws {RangeError} unless `limit` and `burst` (default: `limit`) are whole numbers from 0, and `windowMs` a finite number above 0
 *
 * @example
 * ```ts
 * const users = new KeyedRateLimiter({ algorithm: gcra({ limit: 100, windowMs: 60_000, burst: 20 }) });
 * ```
 */
export function gcra({
  name,
  limit,
  windowMs,
  burst = limit,
}: Pick<GcraOptions, 'name' | 'limit' | 'windowMs' | 'burst'>): GcraAlgorithm {
  return Object.freeze(checked({ kind: 'gcra', name, limit, windowMs, burst }));
}

/**
 * See `TokenBucket`; one number per key.
 *
 * @throws {RangeError} unless `ratePerSecond` is a finite number above 0, and `burst` a whole number from 0
 */
export function tokenBucket({
  name,
  ratePerSecond,
  burst,
}: Pick<TokenBucketOptions, 'name' | 'ratePerSecond' | 'burst'>): TokenBucketAlgorithm {
  return Object.freeze(checked({ kind: 'token-bucket', name, ratePerSecond, burst }));
}

/**
 * See `FixedWindow`; a key's window begins with its first call. Two numbers per key.
 *
 * @throws {RangeError} unless `limit` is a whole number from 0, and `windowMs` a finite number above 0
 */
export function fixedWindow({ name, limit, windowMs }: WindowDescription): WindowAlgorithm {
  return Object.freeze(checked({ kind: 'fixed-window', name, limit, windowMs }));
}

/**
 * See `SlidingWindowCounter`. Three numbers per key.
 *
 * @throws {RangeError} as {@link fixedWindow}
 */
export function slidingCounter({ name, limit, windowMs }: WindowDescription): WindowAlgorithm {
  return Object.freeze(checked({ kind: 'sliding-counter', name, limit, windowMs }));
}

/**
 * See `SlidingWindowLog`. Two numbers for each call in the window, per key.
 *
 * @throws {RangeError} as {@link fixedWindow}, and for a `limit` above 1_000
 */
export function slidingLog({ name, limit, windowMs }: WindowDescription): WindowAlgorithm {
  return Object.freeze(checked({ kind: 'sliding-log', name, limit, windowMs }));
}

/**
 * The same algorithm. Also for those that were written by hand, or read from a file.
 *
 * @throws {RangeError} for a number out of range
 * @throws {TypeError} for what is no algorithm, or a name that is no text
 */
export function checked<A extends RateAlgorithm>(algorithm: A): A {
  // Wider than the parameter: whoever writes JavaScript may hand in anything, a limiter above all.
  const given = algorithm as RateAlgorithm | undefined;
  checkText('name', given?.name);
  switch (given?.kind) {
    case 'gcra':
      checkWhole('limit', given.limit, 0);
      checkWhole('burst', given.burst, 0);
      checkPositive('windowMs', given.windowMs);
      checkRefill((given.windowMs / Math.max(1, given.limit)) * given.burst);
      return algorithm;
    case 'token-bucket':
      checkPositive('ratePerSecond', given.ratePerSecond);
      checkWhole('burst', given.burst, 0);
      checkRefill((1000 / given.ratePerSecond) * given.burst);
      return algorithm;
    case 'fixed-window':
    case 'sliding-counter':
    case 'sliding-log':
      checkWhole('limit', given.limit, 0, given.kind === 'sliding-log' ? mostLogged : undefined);
      checkPositive('windowMs', given.windowMs);
      return algorithm;
    default:
      throw new TypeError('algorithm must be made by gcra, tokenBucket, fixedWindow, slidingCounter or slidingLog');
  }
}

/** With options each of which is in its range it may be more than a number holds. */
function checkRefill(ms: number): void {
  if (!(ms < Infinity)) throw new RangeError('burst must come back within a finite time');
}
