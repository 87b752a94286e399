import type { Context, Policy } from '@patterns/context';
import type { PatternError } from '@patterns/errors';
import {
  AdaptiveRate,
  allOf,
  FixedWindow,
  Gcra,
  LeakyBucket,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  type AcquireOptions,
  type Decision,
  type QuotaPolicy,
  type RateLimitDiagnostics,
  type RateLimiter,
  type RateLimitError,
  type RateLimitReason,
  type Reservation,
  type TokenBucketOptions,
} from '@patterns/ratelimit';
import { expectTypeOf } from 'expect-type';

declare const ctx: Context;
const bucket = new TokenBucket({ ratePerSecond: 10, burst: 5, initial: undefined, clock: undefined });
const window = { limit: 5, windowMs: 100 };

expectTypeOf(bucket).toExtend<Policy>();
expectTypeOf(bucket).toExtend<RateLimiter>();
expectTypeOf(bucket.kind).toEqualTypeOf<'rate-limit'>();
expectTypeOf(bucket.tryAcquire(2)).toEqualTypeOf<boolean>();
expectTypeOf(bucket.check()).toEqualTypeOf<Decision>();
expectTypeOf(bucket.acquire(undefined, { signal: ctx, maxWaitMs: undefined })).toEqualTypeOf<Promise<void>>();
expectTypeOf(bucket.reserve()).toEqualTypeOf<Reservation | undefined>();
expectTypeOf(bucket.execute((own) => own, { permits: 2, maxWaitMs: 0, key: 'a' })).toEqualTypeOf<Promise<Context>>();
expectTypeOf(bucket.wrap((id: string) => id.length)).toEqualTypeOf<(this: unknown, id: string) => Promise<number>>();
expectTypeOf(allOf(bucket, new Gcra(window), new FixedWindow(window))).toEqualTypeOf<RateLimiter>();
expectTypeOf<Decision['policy']>().toEqualTypeOf<QuotaPolicy | undefined>();
expectTypeOf<RateLimitError>().toExtend<PatternError>();
expectTypeOf<RateLimitError['code']>().toEqualTypeOf<'ERR_RATE_LIMITED'>();
expectTypeOf<RateLimitError['reason']>().toEqualTypeOf<RateLimitReason>();
expectTypeOf<RateLimitDiagnostics['patterns:ratelimit:rate-change']>().toEqualTypeOf<{
  readonly name: string | undefined;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}>();

// Options from elsewhere may be undefined, under exactOptionalPropertyTypes too.
expectTypeOf<{ ratePerSecond: 1; burst: 1; name: undefined; maxQueue: undefined }>().toExtend<TokenBucketOptions>();
expectTypeOf<{ signal: undefined; maxWaitMs: undefined }>().toExtend<AcquireOptions>();
new AdaptiveRate().observe(new Response());
new AdaptiveRate().observe({ status: 200, headers: { ratelimit: '"default";r=5;t=10' } });
bucket.update({ burst: 50, ratePerSecond: undefined });
new SlidingWindowCounter(window).update({ limit: 7 });
new SlidingWindowLog(window).update({ limit: 7 });

// @ts-expect-error TS2345: burst has no default
new TokenBucket({ ratePerSecond: 5 });
// @ts-expect-error TS2353: the capacity bounds the queue
new LeakyBucket({ ratePerSecond: 1, capacity: 5, maxQueue: 5 });
// @ts-expect-error TS2322: no such overflow
new Gcra({ limit: 1, windowMs: 1, overflow: 'drop' });
// @ts-expect-error TS2345: permits come first
await bucket.acquire({ permits: 2 });
// @ts-expect-error TS2559: a whole context is not an options object
await bucket.acquire(1, ctx);
// @ts-expect-error TS2353: a window keeps its length
new FixedWindow(window).update({ limit: 5, windowMs: 100 });
// @ts-expect-error TS2353: not an option of a bucket
bucket.update({ limit: 5 });
// @ts-expect-error TS2555: nothing to combine
allOf();
// @ts-expect-error TS2540: what has been counted is not for others to change
bucket.tokens = 0;
