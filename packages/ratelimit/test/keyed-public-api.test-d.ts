import {
  fixedWindow,
  Gcra,
  gcra,
  KeyedRateLimiter,
  slidingCounter,
  slidingLog,
  tokenBucket,
  type Decision,
  type GcraAlgorithm,
  type KeyedRateLimiterOptions,
  type LimitStore,
  type RateAlgorithm,
  type TokenBucketAlgorithm,
  type WindowAlgorithm,
} from '@patterns/ratelimit';
import { expectTypeOf } from 'expect-type';

// --- descriptions ---
{
  expectTypeOf(gcra({ limit: 1, windowMs: 1, burst: undefined, name: undefined })).toEqualTypeOf<GcraAlgorithm>();
  expectTypeOf(tokenBucket({ ratePerSecond: 1, burst: 1 })).toEqualTypeOf<TokenBucketAlgorithm>();
  expectTypeOf(fixedWindow({ limit: 1, windowMs: 1 })).toEqualTypeOf<WindowAlgorithm>();
  expectTypeOf(slidingCounter({ limit: 1, windowMs: 1 })).toEqualTypeOf<WindowAlgorithm>();
  expectTypeOf(slidingLog({ limit: 1, windowMs: 1 })).toEqualTypeOf<WindowAlgorithm>();
  expectTypeOf<RateAlgorithm['kind']>().toEqualTypeOf<
    'gcra' | 'token-bucket' | 'fixed-window' | 'sliding-counter' | 'sliding-log'
  >();
  // @ts-expect-error TS2353: the limiter waits, the descriptions do not
  gcra({ limit: 1, windowMs: 1, maxQueue: 5 });
  // @ts-expect-error TS2353: a key's window begins with its first call
  fixedWindow({ limit: 1, windowMs: 1, align: 'clock' });
  // @ts-expect-error TS2345: burst has no default
  tokenBucket({ ratePerSecond: 1 });
  // @ts-expect-error TS2540: plain frozen data
  gcra({ limit: 1, windowMs: 1 }).limit = 2;
}

// --- KeyedRateLimiter ---
{
  const limiter = new KeyedRateLimiter({
    name: undefined,
    algorithm: (key) => gcra({ limit: key.length, windowMs: 1 }),
    maxKeys: undefined,
    countDenied: undefined,
    clock: undefined,
  } satisfies KeyedRateLimiterOptions);
  expectTypeOf(limiter).toExtend<LimitStore>();
  expectTypeOf(limiter.check('a', 1)).toEqualTypeOf<Decision>();
  expectTypeOf(limiter.peek('a')).toEqualTypeOf<Decision>();
  expectTypeOf(limiter.tryAcquire('a')).toEqualTypeOf<boolean>();
  expectTypeOf<Parameters<KeyedRateLimiter['settle']>>().toEqualTypeOf<
    [key: string, reserved: number, actual: number]
  >();
  expectTypeOf<Parameters<KeyedRateLimiter['block']>>().toEqualTypeOf<[key: string, durationMs: number]>();
  expectTypeOf(limiter.size).toEqualTypeOf<number>();
  // @ts-expect-error TS2322: a class is one limiter, not the description of many
  new KeyedRateLimiter({ algorithm: new Gcra({ limit: 1, windowMs: 1 }) });
  // @ts-expect-error TS2345: the algorithm has no default
  new KeyedRateLimiter({ maxKeys: 5 });
  // @ts-expect-error TS2345: keys are strings
  limiter.check(5);
  // @ts-expect-error TS2554: a block has a duration
  limiter.block('a');
  // @ts-expect-error TS2540: counted by it
  limiter.size = 0;
}
