import { VirtualClock } from '@patterns/context/testing';
import {
  AdaptiveRate,
  allOf,
  FixedWindow,
  fixedWindow,
  Gcra,
  gcra,
  KeyedRateLimiter,
  LeakyBucket,
  RateLimitError,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  tokenBucket,
  type RateAlgorithm,
  type RateLimiter,
} from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
beforeEach(() => {
  clock.ms = 0;
});

type Timeline = readonly (readonly [atMs: number, permits: number, granted: boolean])[];

function follow(limiter: RateLimiter, timeline: Timeline): void {
  for (const [atMs, permits, granted] of timeline) {
    clock.ms = atMs;
    expect([atMs, permits, limiter.tryAcquire(permits)]).toEqual([atMs, permits, granted]);
  }
}

describe('Gcra', () => {
  it('has the vector of its reference: one every 100 ms, five at once', () => {
    const limiter = new Gcra({ limit: 10, windowMs: 1_000, burst: 5, clock });
    const remaining = Array.from({ length: 5 }, () => limiter.check().remaining);
    expect(remaining).toEqual([4, 3, 2, 1, 0]);
    expect(limiter.check()).toMatchObject({ allowed: false, retryAfterMs: 100, resetMs: 500, remaining: 0, limit: 5 });
    clock.ms = 100;
    expect(limiter.check()).toMatchObject({ allowed: true, remaining: 0, resetMs: 500 });
  });

  it('promises its limit per window, whatever its burst', () => {
    const limiter = new Gcra({ name: 'api', limit: 10, windowMs: 1_000, burst: 3, clock });
    expect(limiter.quota).toEqual({ name: 'api', limit: 10, windowMs: 1_000 });
    expect(limiter.peek().limit).toBe(3);
  });

  it('carries over what has been used when it changes', () => {
    const limiter = new Gcra({ limit: 10, windowMs: 1_000, clock });
    limiter.tryAcquire(6);
    limiter.update({ limit: 20 });
    expect(limiter.peek(0)).toMatchObject({ limit: 20, remaining: 14, resetMs: 300 });
    limiter.update({ windowMs: 2_000 });
    expect(limiter.peek(0)).toMatchObject({ remaining: 14, resetMs: 600 });
    limiter.update({ burst: 8 });
    expect(limiter.peek(0)).toMatchObject({ limit: 8, remaining: 2 });
    limiter.update({ limit: 40 });
    expect(limiter.peek(0)).toMatchObject({ limit: 8, remaining: 2, resetMs: 300 });
  });

  it('keeps what has been used while its limit is 0, and what is given back and taken meanwhile', () => {
    const limiter = new Gcra({ limit: 10, windowMs: 1_000, clock });
    limiter.tryAcquire(3);
    const reservation = limiter.reserve(4);
    clock.ms = 100;
    limiter.update({ limit: 0, burst: 10 });
    expect(limiter.peek(0)).toMatchObject({ allowed: true, limit: 0, remaining: 0, resetMs: Infinity });
    expect([limiter.tryAcquire(0), limiter.tryAcquire()]).toEqual([true, false]);
    clock.ms = 5_000;
    limiter.update({ limit: 10 });
    expect(limiter.check(0)).toMatchObject({ allowed: true, remaining: 4, resetMs: 600 });
    limiter.update({ limit: 0, burst: 10 });
    reservation?.settle(2);
    expect(limiter.peek(0)).toMatchObject({ allowed: true, resetMs: Infinity });
    limiter.update({ limit: 10 });
    expect(limiter.check(0)).toMatchObject({ remaining: 6, resetMs: 400 });
    const costly = limiter.reserve(1);
    limiter.update({ limit: 0 });
    costly?.settle(9);
    expect([limiter.tryAcquire(0), limiter.peek(0).allowed]).toEqual([false, false]);
    limiter.update({ limit: 10 });
    expect(limiter.check(0)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 300, resetMs: 1_300 });
    const other = new Gcra({ limit: 10, windowMs: 1_000, clock });
    const canceled = other.reserve(3);
    other.update({ limit: 0 });
    canceled?.cancel();
    expect(other.peek(0)).toMatchObject({ allowed: true, resetMs: 0 });
    other.update({ limit: 10 });
    expect(other.peek(0)).toMatchObject({ allowed: true, remaining: 10 });
  });

  it('allows nothing with a limit of 0, and everything with an infinite one', () => {
    const none = new Gcra({ limit: 0, windowMs: 1_000, clock });
    expect([none.tryAcquire(), none.tryAcquire(0), none.reserve()]).toEqual([false, true, undefined]);
    expect(none.peek()).toMatchObject({ retryAfterMs: Infinity, remaining: 0, limit: 0 });
    const all = new Gcra({ limit: Infinity, windowMs: 1_000, clock });
    for (let n = 0; n < 100; n++) expect(all.tryAcquire(1e9)).toBe(true);
    expect(all.check(5)).toMatchObject({ allowed: true, remaining: Infinity, resetMs: 0 });
  });
});

describe('a Gcra never has more than its burst at once', () => {
  it.each([
    ['without a limit', Infinity, 0],
    ['by rounding', 1e7, 1.75e12],
  ])('%s', (_, limit, nowMs) => {
    clock.ms = nowMs;
    for (let burst = 1; burst < 40; burst++) {
      const limiter = new Gcra({ limit, windowMs: 1_000, burst, clock });
      expect([limiter.tryAcquire(burst + 1), limiter.tryAcquire(burst)]).toEqual([false, true]);
    }
  });
});

describe('FixedWindow', () => {
  it('begins a window with the first call that finds none open', () => {
    follow(new FixedWindow({ limit: 2, windowMs: 100, clock }), [
      [30, 0, true],
      [50, 2, true],
      [149, 1, false],
      [150, 1, true],
      [249, 1, true],
      [249.9, 1, false],
      [400, 2, true],
      [499, 1, false],
      [500, 2, true],
    ]);
  });

  it('by the clock, begins windows at multiples of their length, and lets twice the limit pass around a boundary', () => {
    follow(new FixedWindow({ limit: 2, windowMs: 100, align: 'clock', clock }), [
      [99, 2, true],
      [99.9, 1, false],
      [100, 2, true],
      [199, 1, false],
      [200, 1, true],
    ]);
  });

  it('is right when the length is a fraction', () => {
    const limiter = new FixedWindow({ limit: 1, windowMs: 0.1, align: 'clock', clock });
    for (let n = 0; n < 1_000; n++) {
      clock.ms = n * 0.1;
      expect([n, limiter.tryAcquire(), limiter.tryAcquire()]).toEqual([n, true, false]);
    }
  });

  it('holds a new limit at once, for what was counted already too', () => {
    const limiter = new FixedWindow({ limit: 5, windowMs: 100, clock });
    limiter.tryAcquire(3);
    limiter.update({ limit: 2 });
    expect(limiter.check()).toMatchObject({ allowed: false, limit: 2, remaining: 0, retryAfterMs: 100 });
    limiter.update({ limit: 10 });
    expect(limiter.check()).toMatchObject({ allowed: true, limit: 10, remaining: 6 });
    expect(limiter.quota).toEqual({ name: 'default', limit: 10, windowMs: 100 });
  });
});

describe('what is left, and when all of it is back', () => {
  const windows = { limit: 5, windowMs: 100, clock };

  it('of a fixed window', () => {
    const limiter = new FixedWindow(windows);
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
    expect(limiter.check(2)).toMatchObject({ allowed: true, remaining: 3, resetMs: 100 });
    clock.ms = 30;
    expect(limiter.check(1)).toMatchObject({ allowed: true, remaining: 2, resetMs: 70 });
    expect(limiter.check(3)).toMatchObject({ allowed: false, remaining: 2, retryAfterMs: 70, resetMs: 70 });
    clock.ms = 100;
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
  });

  it('of a fixed window by the clock', () => {
    const limiter = new FixedWindow({ ...windows, align: 'clock' });
    clock.ms = 230;
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
    expect(limiter.check(2)).toMatchObject({ allowed: true, remaining: 3, resetMs: 70 });
    expect(limiter.check(4)).toMatchObject({ allowed: false, retryAfterMs: 70, resetMs: 70 });
  });

  it('of a sliding log', () => {
    const limiter = new SlidingWindowLog(windows);
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
    expect(limiter.check(2)).toMatchObject({ allowed: true, remaining: 3, resetMs: 100 });
    clock.ms = 30;
    expect(limiter.check(1)).toMatchObject({ allowed: true, remaining: 2, resetMs: 100 });
    expect(limiter.check(3)).toMatchObject({ allowed: false, remaining: 2, retryAfterMs: 70, resetMs: 100 });
    clock.ms = 120;
    expect(limiter.peek(0)).toMatchObject({ remaining: 4, resetMs: 10 });
    clock.ms = 200;
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
  });

  it('of a sliding log without a limit', () => {
    const limiter = new SlidingWindowLog({ ...windows, limit: Infinity });
    expect(limiter.check(5)).toMatchObject({ allowed: true, remaining: Infinity, resetMs: 0 });
    expect(limiter.peek(0)).toMatchObject({ remaining: Infinity, resetMs: 0 });
  });

  it('of a sliding counter', () => {
    const limiter = new SlidingWindowCounter({ ...windows, limit: 10 });
    expect(limiter.peek(0)).toMatchObject({ remaining: 10, resetMs: 0 });
    clock.ms = 50;
    expect(limiter.check(4)).toMatchObject({ allowed: true, remaining: 6, resetMs: 150 });
    clock.ms = 120;
    // 3.2 of the window before are still there.
    expect(limiter.peek(0)).toMatchObject({ remaining: 6, resetMs: 80 });
    expect(limiter.check(2)).toMatchObject({ allowed: true, remaining: 4, resetMs: 180 });
    expect(limiter.check(9)).toMatchObject({ allowed: false, retryAfterMs: 130 });
    clock.ms = 300;
    expect(limiter.peek(0)).toMatchObject({ remaining: 10, resetMs: 0 });
  });

  it('of a bucket without a bound, and of one that is full for ever', () => {
    for (const ratePerSecond of [10, Infinity]) {
      const limiter = new TokenBucket({ ratePerSecond, burst: Infinity, clock });
      expect(limiter.check(1e9)).toMatchObject({ allowed: true, remaining: Infinity, resetMs: 0 });
    }
    expect(new TokenBucket({ ratePerSecond: Infinity, burst: Infinity, clock }).quota.windowMs).toBe(0);
    expect(new TokenBucket({ ratePerSecond: 0, burst: 0, clock }).quota.windowMs).toBe(0);
    expect(new TokenBucket({ ratePerSecond: 0, burst: 3, clock }).peek(0)).toMatchObject({ remaining: 3, resetMs: 0 });
  });
});

describe('what is left by a clock whose numbers are coarse', () => {
  it.each<[string, (coarse: ManualClock) => RateLimiter]>([
    ['TokenBucket', (coarse) => new TokenBucket({ ratePerSecond: 30, burst: 8, clock: coarse })],
    ['Gcra', (coarse) => new Gcra({ limit: 30, windowMs: 1_000, burst: 8, clock: coarse })],
    ['AdaptiveRate', (coarse) => new AdaptiveRate({ initialPerSecond: 8, clock: coarse })],
    ['SlidingWindowCounter', (coarse) => new SlidingWindowCounter({ limit: 8, windowMs: 300, clock: coarse })],
    ['LeakyBucket', (coarse) => new LeakyBucket({ ratePerSecond: 30, capacity: 8, clock: coarse })],
  ])('of a %s is what can be had', (_, make) => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1e9, 1.8e12),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1_000, noNaN: true }), fc.integer({ min: 1, max: 8 })), {
          maxLength: 8,
        }),
        (startMs, steps) => {
          const coarse = new ManualClock(startMs);
          const limiter = make(coarse);
          for (const [ms, permits] of steps) {
            coarse.ms += ms;
            limiter.tryAcquire(permits);
            coarse.ms += limiter.peek(permits).retryAfterMs;
            expect(limiter.peek(permits).allowed).toBe(true);
            expect(limiter.peek(0).remaining).toBeGreaterThanOrEqual(permits);
            coarse.ms += limiter.peek(0).resetMs;
            expect(limiter.peek(0).remaining).toBe(8);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a moment that is a rounding error away', () => {
  it.each([
    [0, 5e-7, 2e-6],
    // Times of `Date.now()` are a quarter of a microsecond apart.
    [1_700_000_000_000, 5e-4, 2e-3],
  ])('has come, and no other: from %d', (fromMs, withinMs, beyondMs) => {
    clock.ms = fromMs;
    const limiter = new SlidingWindowLog({ limit: 1, windowMs: 100, clock });
    limiter.tryAcquire();
    clock.ms = fromMs + 100 - beyondMs;
    expect(limiter.tryAcquire()).toBe(false);
    clock.ms = fromMs + 100 - withinMs;
    expect(limiter.tryAcquire()).toBe(true);
  });

  it.each([
    [100, 1e-7],
    [1_700_000_000_000, 4e-4],
  ])('before a boundary by the clock counts as the boundary: %d', (boundaryMs, beforeMs) => {
    const windows = { limit: 1, windowMs: 100, clock };
    for (const limiter of [new FixedWindow({ ...windows, align: 'clock' }), new SlidingWindowLog(windows)]) {
      clock.ms = boundaryMs - 100;
      expect(limiter.tryAcquire()).toBe(true);
      clock.ms = boundaryMs - beforeMs;
      expect(limiter.tryAcquire()).toBe(true);
      clock.ms = boundaryMs + 50;
      expect(limiter.tryAcquire()).toBe(false);
    }
  });

  it('is not so long that more than the burst comes at once, or a permit that is not there', () => {
    expect(new TokenBucket({ ratePerSecond: 1e10, burst: 5, clock }).tryAcquire(6)).toBe(false);
    expect(new TokenBucket({ ratePerSecond: 10_000, burst: 1, initial: 0.995, clock }).tryAcquire()).toBe(false);
  });

  it('is made up for where nothing accrues any more', () => {
    const limiter = new TokenBucket({ ratePerSecond: 10, burst: 5, initial: 0, clock });
    for (let n = 1; n <= 1_000; n++) {
      clock.ms = n * 0.1;
      limiter.peek();
    }
    expect(limiter.tokens).not.toBe(1);
    limiter.update({ ratePerSecond: 0 });
    expect(limiter.tryAcquire()).toBe(true);
    const half = new TokenBucket({ ratePerSecond: 10, burst: 5, initial: 2.5, clock });
    half.update({ ratePerSecond: 0 });
    expect(half.tokens).toBe(2.5);
  });
});

describe('SlidingWindowLog', () => {
  it('lets an entry of exactly the length of the window go', () => {
    follow(new SlidingWindowLog({ limit: 2, windowMs: 100, clock }), [
      [0, 1, true],
      [60, 1, true],
      [99, 1, false],
      [100, 1, true],
      [159, 1, false],
      [160, 1, true],
      [259, 2, false],
      [260, 2, true],
    ]);
  });

  it.each([9, 3_000_000, 2 ** 45])('remembers no more than it has to, when %d have been used', (used) => {
    const limiter = new SlidingWindowLog({ limit: 5, windowMs: 100, clock });
    limiter.tryAcquire(3);
    const reservation = limiter.reserve();
    clock.ms = 40;
    const before = process.memoryUsage().arrayBuffers;
    reservation?.settle(used);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000);
    expect(limiter.check()).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 100, resetMs: 100 });
    expect(limiter.peek(0)).toMatchObject({ allowed: false, retryAfterMs: 100 });
    clock.ms = 140;
    expect(limiter.peek(0)).toMatchObject({ allowed: true, remaining: 5, resetMs: 0 });
  });

  it('remembers what it owes as long as that makes a difference', () => {
    const limiter = new SlidingWindowLog({ limit: 5, windowMs: 100, clock });
    limiter.tryAcquire(4);
    const reservation = limiter.reserve();
    clock.ms = 40;
    reservation?.settle(4);
    expect([0, 1, 2, 3].map((permits) => limiter.peek(permits).retryAfterMs)).toEqual([60, 60, 60, 100]);
    clock.ms = 100;
    expect(limiter.peek(0)).toMatchObject({ allowed: true, remaining: 2, resetMs: 40 });
  });

  it('remembers as many as its limit, however large', () => {
    const limiter = new SlidingWindowLog({ limit: 1_000, windowMs: 100, clock });
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 100; n++) {
        clock.ms = round * 100 + n;
        expect(limiter.tryAcquire(10)).toBe(true);
        if (round > 0) expect(limiter.tryAcquire()).toBe(false);
      }
    }
    expect(limiter.peek(0)).toMatchObject({ remaining: 0, resetMs: 100 });
  });

  it('holds a new limit at once, for what is in the window too', () => {
    const limiter = new SlidingWindowLog({ limit: 3, windowMs: 100, clock });
    follow(limiter, [
      [0, 1, true],
      [10, 1, true],
      [20, 1, true],
    ]);
    limiter.update({ limit: 1 });
    expect(limiter.check().retryAfterMs).toBe(100);
    limiter.update({ limit: 4 });
    expect(limiter.tryAcquire()).toBe(true);
  });
});

describe('SlidingWindowCounter', () => {
  it('weighs the previous window by its share', () => {
    const limiter = new SlidingWindowCounter({ limit: 10, windowMs: 100, clock });
    follow(limiter, [[50, 10, true], [99, 1, false], [100, 1, false], [109, 1, false], [110, 1, true], [150, 4, true], [150, 1, false]]); // prettier-ignore
    expect(limiter.peek()).toMatchObject({ retryAfterMs: 10, resetMs: 150 });
    follow(limiter, [[300, 10, true]]);
  });

  it('holds a new limit at once', () => {
    const limiter = new SlidingWindowCounter({ limit: 10, windowMs: 100, clock });
    limiter.tryAcquire(8);
    limiter.update({ limit: 4 });
    expect(limiter.check()).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 162.5 });
  });
});

describe.each<[string, (limit: number, windowMs: number) => RateLimiter]>([
  ['Gcra', (limit, windowMs) => new Gcra({ limit, windowMs, clock })],
  ['FixedWindow', (limit, windowMs) => new FixedWindow({ limit, windowMs, clock })],
  ['SlidingWindowLog', (limit, windowMs) => new SlidingWindowLog({ limit, windowMs, clock })],
  ['SlidingWindowCounter', (limit, windowMs) => new SlidingWindowCounter({ limit, windowMs, clock })],
])('%s', (_, make) => {
  it('does not take options out of range', () => {
    for (const limit of [-1, 0.5, NaN, '5' as never]) expect(() => make(limit, 100)).toThrow(RangeError);
    for (const windowMs of [0, -1, NaN, Infinity, '5' as never]) expect(() => make(5, windowMs)).toThrow(RangeError);
  });

  it('allows nothing with a limit of 0', async () => {
    const none = make(0, 100);
    expect([none.tryAcquire(), none.tryAcquire(0), none.reserve()]).toEqual([false, true, undefined]);
    expect(none.check()).toMatchObject({ allowed: false, retryAfterMs: Infinity });
    await expect(none.acquire()).rejects.toThrow(RangeError);
  });

  it('allows everything with an infinite limit', () => {
    const all = make(Infinity, 100);
    for (let n = 0; n < 100; n++) expect(all.tryAcquire(1e9)).toBe(true);
    expect(all.check()).toMatchObject({ allowed: true, remaining: Infinity });
  });

  it('holds for a window of 30 days, with no timer', () => {
    const limiter = make(1, 30 * 86_400_000);
    expect(limiter.tryAcquire()).toBe(true);
    clock.ms = 29 * 86_400_000;
    expect(limiter.tryAcquire()).toBe(false);
  });
});

describe('LeakyBucket', () => {
  const virtual = new VirtualClock();
  const start = (): number => {
    const atMs = virtual.now();
    return atMs;
  };
  const starts = (limiter: RateLimiter, calls: readonly (number | undefined)[]): number[] => {
    const fromMs = start();
    const log: number[] = [];
    for (const permits of calls) void limiter.acquire(permits).then(() => log.push(virtual.now() - fromMs));
    return log;
  };

  it('starts the first at once and spaces the others; one of n permits takes n slots', async () => {
    const log = starts(new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock: virtual }), [1, 1, 3, 1]);
    await virtual.advance(1_000);
    expect(log).toEqual([0, 100, 200, 500]);
  });

  it('grants a slot only when it is now', () => {
    follow(new LeakyBucket({ ratePerSecond: 10, capacity: 5, clock }), [[0, 1, true], [0, 1, false], [99, 1, false], [100, 2, true], [200, 1, false], [300, 1, true]]); // prettier-ignore
  });

  it('loses what is missed while idle, but for the slack; which is no burst at the start', () => {
    follow(new LeakyBucket({ ratePerSecond: 10, capacity: 5, clock }), [[500, 1, true], [1_000, 1, true], [1_000, 1, false]]); // prettier-ignore
    follow(new LeakyBucket({ ratePerSecond: 10, capacity: 5, slack: 2, clock }), [
      [5_000, 1, true],
      [5_000, 1, false],
      [5_150, 1, true],
      [5_150, 1, false],
      [9_000, 1, true],
      [9_000, 1, true],
      [9_000, 1, true],
      [9_000, 1, false],
      [9_099, 1, false],
      [9_100, 1, true],
    ]);
  });

  it('refuses when it is full, with the time until there is room', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 3, clock: virtual });
    const log = starts(limiter, [1, 1, 1]);
    await virtual.advance(30);
    const error = await limiter.acquire().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ reason: 'queue-full', retryAfterMs: expect.closeTo(70) as number });
    expect(limiter.reserve()).toBeUndefined();
    await expect(limiter.acquire(4)).rejects.toThrow(RangeError);
    await virtual.advance(70);
    expect(limiter.reserve()?.delayMs).toBeCloseTo(200);
    await virtual.advance(1_000);
    expect(log).toEqual([0, 100, 200]);
  });

  it('drops the one that has waited longest when it is full, if told to', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 3, overflow: 'drop-oldest', clock: virtual });
    const outcomes: string[] = [];
    for (const who of ['a', 'b', 'c', 'd']) {
      limiter.acquire().then(
        () => outcomes.push(who),
        (error: unknown) => outcomes.push(`${who} ${(error as RateLimitError).reason}`),
      );
    }
    await virtual.advance(1_000);
    expect(outcomes).toEqual(['a', 'b dropped', 'c', 'd']);
  });

  it('keeps room for as many as it says, and says so', () => {
    const limiter = new LeakyBucket({ name: 'spaced', ratePerSecond: 10, capacity: 5, clock });
    expect(limiter.quota).toEqual({ name: 'spaced', limit: 5, windowMs: 500 });
    expect(limiter.check(2)).toMatchObject({ allowed: true, limit: 5, remaining: 3, resetMs: 200 });
    expect(limiter.check()).toMatchObject({ allowed: false, remaining: 3, retryAfterMs: 200 });
  });

  it('says what is left at any time of the clock, and at a rate of 0', () => {
    clock.ms = 1_000;
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 5, clock });
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
    expect(limiter.check(2)).toMatchObject({ allowed: true, remaining: 3, resetMs: 200 });
    const still = new LeakyBucket({ ratePerSecond: 0, capacity: 5, clock });
    expect(still.check()).toMatchObject({ allowed: true, remaining: 4, resetMs: Infinity });
  });

  it('says what is left of slots that are caught up', () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 5, slack: 3, clock });
    expect(limiter.check()).toMatchObject({ remaining: 4, resetMs: 100 });
    clock.ms = 1_000;
    expect(limiter.peek(4)).toMatchObject({ remaining: 4, resetMs: 100 });
    expect(limiter.peek(3)).toMatchObject({ remaining: 5, resetMs: 0 });
    expect(limiter.check()).toMatchObject({ remaining: 5, resetMs: 0 });
    expect(limiter.peek(0)).toMatchObject({ remaining: 5, resetMs: 0 });
  });

  it('takes no slot for nothing, and so misses none', () => {
    follow(new LeakyBucket({ ratePerSecond: 10, capacity: 5, slack: 2, clock }), [
      [0, 0, true],
      [5_000, 1, true],
      [5_000, 1, false],
    ]);
  });

  it('has no second place where a slot never ends', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 0, capacity: 1, clock });
    expect([limiter.reserve()?.delayMs, limiter.reserve()]).toEqual([0, undefined]);
    await expect(limiter.acquire()).rejects.toMatchObject({ reason: 'queue-full', retryAfterMs: Infinity });
  });

  it('takes slots for what was used beyond, from now where it was idle; nothing still finds room', () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 2, clock });
    const [idle, busy] = [limiter.reserve(), limiter.reserve()];
    expect(busy?.delayMs).toBe(100);
    busy?.settle(5);
    expect(limiter.peek().retryAfterMs).toBe(600);
    expect([limiter.reserve(), limiter.reserve(0)?.delayMs]).toEqual([undefined, 600]);
    clock.ms = 1_000;
    idle?.settle(3);
    expect(limiter.peek().retryAfterMs).toBe(200);
  });

  it('gives back no slots that others have used beyond theirs', () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock });
    const [first, last] = [limiter.reserve(), limiter.reserve()];
    first?.settle(3);
    expect(limiter.peek().retryAfterMs).toBe(400);
    last?.cancel();
    expect(limiter.peek().retryAfterMs).toBe(300);
  });

  it('gives back the last slots only: who comes behind others keeps his', () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock });
    limiter.tryAcquire();
    const [first, last] = [limiter.reserve(2), limiter.reserve(2)];
    first?.cancel();
    expect(limiter.peek().retryAfterMs).toBe(500);
    expect(last?.delayMs).toBe(300);
    last?.cancel();
    expect(limiter.peek().retryAfterMs).toBe(300);
  });

  it.each<[string, readonly (readonly [permits: number, settledWith?: number])[], readonly number[], number]>([
    ['the last first', [[1], [1], [1]], [2, 1, 0], 0],
    ['the last two first', [[1], [1], [1]], [2, 1], 100],
    ['with another one behind', [[1], [1], [1]], [1, 0], 300],
    ['of several slots', [[1], [3], [2]], [2, 1], 100],
    ['when part of the one before is given back', [[1], [3, 2], [2]], [2, 1], 300],
    ['when less than nothing is given back', [[1], [2, 5], [1]], [2, 1], 600],
  ])('has all slots again that nobody stands behind: canceled %s', (_, made, order, leftMs) => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 20, clock });
    const reservations = made.map(([permits]) => limiter.reserve(permits));
    for (const which of order) {
      const settledWith = made[which]?.[1];
      if (settledWith === undefined) reservations[which]?.cancel();
      else reservations[which]?.settle(settledWith);
    }
    expect(limiter.peek().retryAfterMs).toBe(leftMs);
  });

  it('has all slots again that were caught up, in whatever order they are canceled', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 20, slack: 2, clock });
      clock.ms = 0;
      limiter.tryAcquire();
      clock.ms = 1_000;
      const reservations = [limiter.reserve(), limiter.reserve()];
      for (const which of order) reservations[which]?.cancel();
      expect([1, 2, 3, 4].map(() => limiter.tryAcquire())).toEqual([true, true, true, false]);
    }
  });

  it('keeps the times of slots that are taken when it changes, also of those of one call', () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock });
    limiter.tryAcquire(5);
    // At 0 to 400.
    limiter.update({ ratePerSecond: 1_000 });
    expect(limiter.peek().retryAfterMs).toBe(401);
    limiter.update({ ratePerSecond: 1 });
    expect(limiter.peek().retryAfterMs).toBe(1_400);
    limiter.update({ ratePerSecond: Infinity });
    expect(limiter.peek().retryAfterMs).toBe(400);
  });

  it.each([
    ['less', 2, 101],
    ['more', 7, 403],
  ])('goes on from the last of them when %s than they were has been used', (_, used, nextMs) => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock });
    const reservation = limiter.reserve(5);
    limiter.update({ ratePerSecond: 1_000 });
    reservation?.settle(used);
    expect(limiter.peek().retryAfterMs).toBe(nextMs);
  });

  it('spaces slots that never came as it does when they come, and what was given back before', () => {
    const limiter = new LeakyBucket({ ratePerSecond: 0, capacity: 10, clock });
    const reservation = limiter.reserve(2);
    limiter.update({ ratePerSecond: 10 });
    expect(limiter.peek().retryAfterMs).toBe(200);
    limiter.update({ ratePerSecond: 0 });
    reservation?.settle(4);
    limiter.update({ ratePerSecond: 1 });
    // The second one keeps its time, at 100; two more.
    expect(limiter.peek().retryAfterMs).toBe(3_100);
    const other = new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock });
    const [first, last] = [other.reserve(), other.reserve()];
    last?.cancel();
    other.update({ ratePerSecond: 20 });
    first?.settle(3);
    expect(other.peek().retryAfterMs).toBe(200);
  });

  it('takes its capacity from those who wait for ever', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 0, capacity: 6, clock: virtual });
    limiter.tryAcquire();
    const log = starts(limiter, [2, 0, 2]);
    const full = { reason: 'queue-full', retryAfterMs: Infinity };
    await expect(limiter.acquire(2)).rejects.toMatchObject(full);
    const more = starts(limiter, [1, 0]);
    await expect(limiter.acquire()).rejects.toMatchObject(full);
    expect(limiter.reserve(0)).toBeUndefined();
    await expect(
      allOf(limiter, new TokenBucket({ ratePerSecond: 1, burst: 9, clock: virtual })).acquire(),
    ).rejects.toMatchObject(full);
    limiter.update({ ratePerSecond: 10 });
    await virtual.advance(1_000);
    expect([log, more, limiter.peek(0).remaining]).toEqual([[100, 300, 300], [500, 600], 6]);
  });

  it('drops as many of those who wait for ever as the newcomer needs', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 0, capacity: 5, overflow: 'drop-oldest', clock: virtual });
    limiter.tryAcquire();
    const outcomes: string[] = [];
    const call = async (who: string, permits: number): Promise<void> => {
      limiter.acquire(permits).then(
        () => outcomes.push(who),
        (error: unknown) => outcomes.push(`${who} ${(error as RateLimitError).reason}`),
      );
      await virtual.advance(0);
    };
    await call('a', 2);
    await call('b', 2);
    expect(outcomes).toEqual([]);
    await call('c', 1);
    await call('d', 1);
    expect(outcomes).toEqual(['a dropped']);
    await call('e', 3);
    expect(outcomes).toEqual(['a dropped', 'b dropped', 'c dropped']);
    limiter.update({ ratePerSecond: 10 });
    await virtual.advance(1_000);
    expect(outcomes.slice(3)).toEqual(['d', 'e']);
  });

  it('lets as many wait as its capacity has become', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 1, clock: virtual });
    limiter.update({ capacity: 4 });
    const log = starts(limiter, [1, 1, 1, 1]);
    await expect(limiter.acquire()).rejects.toMatchObject({ reason: 'queue-full' });
    await virtual.advance(1_000);
    expect(log).toEqual([0, 100, 200, 300]);
  });

  it('drops as many as the newcomer needs', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 3, overflow: 'drop-oldest', clock: virtual });
    const outcomes: string[] = [];
    for (const [who, permits] of [
      ['a', 1],
      ['b', 1],
      ['c', 1],
      ['d', 2],
    ] as const) {
      limiter.acquire(permits).then(
        () => outcomes.push(who),
        (error: unknown) => outcomes.push(`${who} ${(error as RateLimitError).reason}`),
      );
    }
    await virtual.advance(1_000);
    expect(outcomes).toEqual(['a', 'b dropped', 'c dropped', 'd']);
  });

  it('spaces anew when it changes, but for slots that somebody has reserved', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 5, clock: virtual });
    const log = starts(limiter, [1, 1, 1]);
    limiter.update({ ratePerSecond: 50 });
    await virtual.advance(1_000);
    expect(log).toEqual([0, 20, 40]);
    const reserved = new LeakyBucket({ ratePerSecond: 10, capacity: 5, clock: virtual });
    reserved.tryAcquire();
    const reservation = reserved.reserve();
    reserved.update({ ratePerSecond: 50, capacity: 20, slack: 1 });
    expect(reservation?.delayMs).toBe(100);
    expect(reserved.reserve()?.delayMs).toBe(120);
    expect(reserved.quota.limit).toBe(20);
  });

  it('has one slot and no second one at a rate of 0, until it changes', async () => {
    const limiter = new LeakyBucket({ ratePerSecond: 0, capacity: 2, clock: virtual });
    const log = starts(limiter, [1, 1]);
    await virtual.advance(10_000);
    expect([log, virtual.pending, limiter.peek().retryAfterMs]).toEqual([[0], 0, Infinity]);
    expect(limiter.reserve()).toBeUndefined();
    limiter.update({ ratePerSecond: 10 });
    await virtual.advance(0);
    expect(log).toEqual([0, 10_000]);
  });

  it('does not space at an infinite rate, and allows nothing without capacity', async () => {
    for (const slack of [0, 2, Infinity]) {
      const limiter = new LeakyBucket({ ratePerSecond: Infinity, capacity: 5, slack, clock });
      for (let n = 0; n < 100; n++) expect(limiter.tryAcquire(5)).toBe(true);
      expect(limiter.check(1)).toMatchObject({ remaining: 5, resetMs: 0 });
    }
    const none = new LeakyBucket({ ratePerSecond: 10, capacity: 0, clock });
    expect([none.tryAcquire(), none.tryAcquire(0), none.reserve()]).toEqual([false, true, undefined]);
    await expect(none.acquire()).rejects.toThrow(RangeError);
  });

  it.each([{ ratePerSecond: -1 }, { capacity: -1 }, { capacity: 1.5 }, { slack: NaN }])(
    'does not take %j',
    (options) => {
      expect(() => new LeakyBucket({ ratePerSecond: 10, capacity: 5, ...options })).toThrow(RangeError);
      const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 5 });
      expect(() => {
        limiter.update(options);
      }).toThrow(RangeError);
    },
  );
});

it('takes options that are inherited, as every limiter does', async () => {
  const options = {
    name: 'api',
    maxWaitMs: 50,
    overflow: 'drop-oldest',
    clock,
    ratePerSecond: 10,
    capacity: 2,
  } as const;
  const limiter = new LeakyBucket(Object.create(options) as typeof options);
  expect([limiter.name, limiter.quota.limit, limiter.tryAcquire()]).toEqual(['api', 2, true]);
  await expect(limiter.acquire()).rejects.toMatchObject({ reason: 'max-wait', retryAfterMs: 100 });
});

describe('-0', () => {
  const never = { ratePerSecond: -0, clock };
  const windows = { limit: -0, windowMs: 100, clock };
  const updated = <T extends RateLimiter>(limiter: T, update: (limiter: T) => void): T => {
    limiter.tryAcquire();
    update(limiter);
    return limiter;
  };

  it.each<[string, () => RateLimiter, boolean]>([
    ['a TokenBucket', () => new TokenBucket({ ...never, burst: 1 }), true],
    [
      'a TokenBucket, later',
      () =>
        updated(new TokenBucket({ ratePerSecond: 10, burst: 2, clock }), (limiter) => {
          limiter.update({ ratePerSecond: -0 });
        }),
      true,
    ],
    ['a LeakyBucket', () => new LeakyBucket({ ...never, capacity: 3 }), true],
    [
      'a LeakyBucket, later',
      () =>
        updated(new LeakyBucket({ ratePerSecond: 10, capacity: 3, clock }), (limiter) => {
          limiter.update({ ratePerSecond: -0 });
        }),
      false,
    ],
    ['an AdaptiveRate', () => new AdaptiveRate({ initialPerSecond: -0, clock }), true],
    ['an AdaptiveRate, at most', () => new AdaptiveRate({ minPerSecond: 0, maxPerSecond: -0, clock }), true],
    ['a Gcra', () => new Gcra({ ...windows, burst: 3 }), false],
    [
      'a Gcra, later',
      () =>
        updated(new Gcra({ limit: 5, windowMs: 100, clock }), (limiter) => {
          limiter.update({ limit: -0 });
        }),
      false,
    ],
    ['a FixedWindow', () => new FixedWindow(windows), false],
    ['a SlidingWindowLog', () => new SlidingWindowLog(windows), false],
    ['a SlidingWindowCounter', () => new SlidingWindowCounter(windows), false],
  ])('is 0, and nothing comes of it: %s', async (_, make, hasOne) => {
    const limiter = make();
    expect(limiter.tryAcquire()).toBe(hasOne);
    for (let n = 0; n < 3; n++) {
      expect([limiter.check().allowed, limiter.tryAcquire(), limiter.reserve()]).toEqual([false, false, undefined]);
    }
    expect(limiter.peek().retryAfterMs).toBe(Infinity);
    expect(Object.is(limiter.quota.limit, -0)).toBe(false);
    await expect(limiter.acquire(1, { maxWaitMs: 1e9 })).rejects.toThrow();
  });

  it.each<[string, RateAlgorithm]>([
    ['gcra', gcra({ limit: -0, windowMs: 100 })],
    ['fixedWindow', fixedWindow({ limit: -0, windowMs: 100 })],
    ['tokenBucket', tokenBucket({ ratePerSecond: 5, burst: -0 })],
  ])('is 0 for keys too: %s', (_, algorithm) => {
    const { allowed, limit, policy } = new KeyedRateLimiter({ algorithm, clock }).check('a');
    expect([allowed, limit, policy?.limit]).toEqual([false, 0, 0]);
  });
});

it.each<[string, () => unknown]>([
  ['limit', () => new FixedWindow({ limit: -1, windowMs: 1 })],
  ['windowMs', () => new FixedWindow({ limit: 1, windowMs: -1 })],
  ['align', () => new FixedWindow({ limit: 1, windowMs: 1, align: 'last' as never })],
  [
    'limit',
    () => {
      new FixedWindow({ limit: 1, windowMs: 1 }).update({ limit: -1 });
    },
  ],
  [
    'limit',
    () => {
      new SlidingWindowLog({ limit: 1, windowMs: 1 }).update({ limit: -1 });
    },
  ],
  [
    'limit',
    () => {
      new SlidingWindowCounter({ limit: 1, windowMs: 1 }).update({ limit: -1 });
    },
  ],
  ['burst', () => new Gcra({ limit: 1, windowMs: 1, burst: -1 })],
  [
    'burst',
    () => {
      new Gcra({ limit: 1, windowMs: 1 }).update({ burst: -1 });
    },
  ],
  [
    'windowMs',
    () => {
      new Gcra({ limit: 1, windowMs: 1 }).update({ windowMs: 0 });
    },
  ],
  ['ratePerSecond', () => new LeakyBucket({ ratePerSecond: -1, capacity: 1 })],
  ['capacity', () => new LeakyBucket({ ratePerSecond: 1, capacity: -1 })],
  ['slack', () => new LeakyBucket({ ratePerSecond: 1, capacity: 1, slack: -1 })],
])('names the option that is out of range: %s, %p', (option, wrong) => {
  expect(wrong).toThrow(`${option} must be `);
});

it('a Gcra of 0 per window allows nothing, whatever its burst', () => {
  const limiter = new Gcra({ limit: 0, windowMs: 100, burst: 5, clock: new ManualClock() });
  expect(limiter.peek()).toMatchObject({ limit: 0, remaining: 0, retryAfterMs: Infinity });
  expect([limiter.tryAcquire(), limiter.tryAcquire(5), limiter.check().allowed, limiter.tryAcquire(0)]).toEqual([
    false,
    false,
    false,
    true,
  ]);
});
