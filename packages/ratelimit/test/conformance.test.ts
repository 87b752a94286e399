import type { Clock } from '@patterns/context';
import {
  AdaptiveRate,
  allOf,
  FixedWindow,
  Gcra,
  LeakyBucket,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  fixedWindow,
  gcra,
  KeyedRateLimiter,
  slidingCounter,
  slidingLog,
  tokenBucket,
  type RateAlgorithm,
  type RateLimiter,
} from '@patterns/ratelimit';
import { describeLimit, type LimitSubject } from './conformance.ts';

const single =
  (make: (clock: Clock) => RateLimiter) =>
  (clock: Clock): LimitSubject => {
    const limiter = make(clock);
    return {
      tryTake: (permits) => limiter.tryAcquire(permits),
      check: (permits) => limiter.check(permits),
      peek: (permits) => limiter.peek(permits),
    };
  };

describeLimit({
  name: 'TokenBucket',
  limit: 5,
  bound: (spanMs) => 5 + spanMs / 100,
  make: single((clock) => new TokenBucket({ ratePerSecond: 10, burst: 5, clock })),
});

describeLimit({
  name: 'Gcra',
  limit: 7,
  bound: (spanMs) => 7 + (5 / 300) * spanMs,
  make: single((clock) => new Gcra({ limit: 5, windowMs: 300, burst: 7, clock })),
});

describeLimit({
  name: 'LeakyBucket',
  limit: 5,
  atOnce: 1,
  largest: 1,
  bound: (spanMs) => 1 + 3 + spanMs / 100,
  make: single((clock) => new LeakyBucket({ ratePerSecond: 10, capacity: 5, slack: 3, clock })),
});

describeLimit({
  name: 'FixedWindow',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor(spanMs / 300) + 2),
  make: single((clock) => new FixedWindow({ limit: 5, windowMs: 300, clock })),
});

describeLimit({
  name: 'FixedWindow by the clock',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor(spanMs / 300) + 2),
  make: single((clock) => new FixedWindow({ limit: 5, windowMs: 300, align: 'clock', clock })),
});

describeLimit({
  name: 'SlidingWindowLog',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor((spanMs + 1e-6) / 300) + 1),
  make: single((clock) => new SlidingWindowLog({ limit: 5, windowMs: 300, clock })),
});

describeLimit({
  name: 'SlidingWindowCounter',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor(spanMs / 300) + 2),
  make: single((clock) => new SlidingWindowCounter({ limit: 5, windowMs: 300, clock })),
});

describeLimit({
  name: 'AdaptiveRate, before the server has refused',
  limit: 5,
  bound: (spanMs) => 5 + spanMs / 200,
  make: single((clock) => new AdaptiveRate({ initialPerSecond: 5, clock })),
});

describeLimit({
  name: 'allOf',
  limit: 4,
  bound: (spanMs) => Math.min(5 + spanMs / 100, 4 * (Math.floor((spanMs + 1e-6) / 600) + 1)),
  make: single((clock) =>
    allOf(
      new TokenBucket({ name: 'rate', ratePerSecond: 10, burst: 5, clock }),
      new SlidingWindowLog({ name: 'window', limit: 4, windowMs: 600, clock }),
    ),
  ),
});

describeLimit({
  name: 'allOf with others of its kind, which share a limit',
  limit: 4,
  bound: (spanMs) => Math.min(5 + spanMs / 100, 4 * (Math.floor((spanMs + 1e-6) / 600) + 1)),
  make: single((clock) => {
    const rate = new TokenBucket({ name: 'rate', ratePerSecond: 10, burst: 5, clock });
    const window = new SlidingWindowLog({ name: 'window', limit: 4, windowMs: 600, clock });
    return allOf(window, allOf(rate, window), allOf(rate, allOf(window)));
  }),
});

/** One key, while others come and go. */
const keyed =
  (algorithm: RateAlgorithm | ((key: string) => RateAlgorithm)) =>
  (clock: Clock): LimitSubject => {
    const limiter = new KeyedRateLimiter({ algorithm, maxKeys: 16, clock });
    let others = 0;
    const among = <T>(ask: () => T): T => {
      const answer = ask();
      for (let n = 0; n < 8; n++) limiter.tryAcquire(`other ${others++}`);
      return answer;
    };
    return {
      tryTake: (permits) => among(() => limiter.tryAcquire('one', permits)),
      check: (permits) => among(() => limiter.check('one', permits)),
      peek: (permits) => limiter.peek('one', permits),
    };
  };

describeLimit({
  name: 'a key of gcra',
  limit: 7,
  bound: (spanMs) => 7 + (5 / 300) * spanMs,
  make: keyed(gcra({ limit: 5, windowMs: 300, burst: 7 })),
});

describeLimit({
  name: 'a key of tokenBucket',
  limit: 5,
  bound: (spanMs) => 5 + spanMs / 100,
  make: keyed(tokenBucket({ ratePerSecond: 10, burst: 5 })),
});

describeLimit({
  name: 'a key of fixedWindow',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor(spanMs / 300) + 2),
  make: keyed(fixedWindow({ limit: 5, windowMs: 300 })),
});

describeLimit({
  name: 'a key of slidingCounter',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor(spanMs / 300) + 2),
  make: keyed(slidingCounter({ limit: 5, windowMs: 300 })),
});

describeLimit({
  name: 'a key of slidingLog',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor((spanMs + 1e-6) / 300) + 1),
  make: keyed(slidingLog({ limit: 5, windowMs: 300 })),
});

const ofOthers: readonly RateAlgorithm[] = [
  gcra({ limit: 1, windowMs: 100 }),
  slidingLog({ limit: 3, windowMs: 100 }),
  slidingCounter({ limit: 2, windowMs: 70 }),
];
describeLimit({
  name: 'a key of fixedWindow among keys of other algorithms',
  limit: 5,
  bound: (spanMs) => 5 * (Math.floor(spanMs / 300) + 2),
  make: keyed((key) =>
    key === 'one'
      ? fixedWindow({ limit: 5, windowMs: 300 })
      : (ofOthers[key.length % 3] ?? fixedWindow({ limit: 1, windowMs: 1 })),
  ),
});
