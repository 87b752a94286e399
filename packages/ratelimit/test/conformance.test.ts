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
