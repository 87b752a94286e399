export type { HeaderSource } from '@patterns/context/internal';
export { AdaptiveRate, type AdaptiveRateOptions, type ServerAnswer } from './adaptive-rate.ts';
export { allOf } from './all-of.ts';
export type { Decision } from './decision.ts';
export type { RateLimitDiagnostics } from './diagnostics.ts';
export { FixedWindow, type FixedWindowOptions } from './fixed-window.ts';
export { Gcra, type GcraOptions } from './gcra.ts';
export { LeakyBucket, type LeakyBucketOptions } from './leaky-bucket.ts';
export { KeyedRateLimiter, type KeyedRateLimiterOptions } from './keyed-rate-limiter.ts';
export type { LimitStore } from './limit-store.ts';
export type { LimiterOptions, WindowOptions } from './limiter-options.ts';
export type { QuotaPolicy } from './quota-policy.ts';
export {
  fixedWindow,
  gcra,
  slidingCounter,
  slidingLog,
  tokenBucket,
  type GcraAlgorithm,
  type RateAlgorithm,
  type TokenBucketAlgorithm,
  type WindowAlgorithm,
} from './rate-algorithm.ts';
export { RateLimitError, type RateLimitReason } from './rate-limit-error.ts';
export type { AcquireOptions, LimitedExecuteOptions, RateLimiter, ReserveOptions } from './rate-limiter.ts';
export type { Reservation } from './reservation.ts';
export { SlidingWindowCounter } from './sliding-window-counter.ts';
export { SlidingWindowLog } from './sliding-window-log.ts';
export { TokenBucket, type TokenBucketOptions } from './token-bucket.ts';
