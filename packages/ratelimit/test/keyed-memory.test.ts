import { collectGarbage, failOnLeaks, heapPerOperation } from '@patterns-tools/test-kit';
import { fixedWindow, gcra, KeyedRateLimiter, slidingCounter, slidingLog, tokenBucket } from '@patterns/ratelimit';
import { ManualClock } from './manual-clock.ts';

failOnLeaks();

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

const perHour = { limit: 10, windowMs: 3_600_000 };

/** Typed arrays included, which lie outside of the heap. */
async function bytesInUse(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('takes at most 90 bytes a key, for a million of them', async () => {
  const count = 1_000_000;
  const keys = Array.from({ length: count }, (_, n) => `user:${n}`);
  // Hashing a key writes into it.
  new Set(keys).clear();
  const before = await bytesInUse();
  const limiter = new KeyedRateLimiter({ algorithm: gcra(perHour), maxKeys: count, clock: new ManualClock() });
  for (const key of keys) limiter.tryAcquire(key);
  const perKey = ((await bytesInUse()) - before) / count;
  expect(limiter.size).toBe(count);
  expect(limiter.peek(keys[0] ?? '', 0).remaining).toBe(9);
  expect(perKey).toBeLessThanOrEqual(90);
});

it.each([
  ['gcra', gcra(perHour)],
  ['tokenBucket', tokenBucket({ ratePerSecond: 1, burst: 10 })],
  ['fixedWindow', fixedWindow(perHour)],
  ['slidingCounter', slidingCounter(perHour)],
  ['slidingLog', slidingLog(perHour)],
])(
  '%s: nothing is left of 100 000 calls, with new keys all the time',
  async (_name, algorithm) => {
    const clock = new ManualClock();
    const limiter = new KeyedRateLimiter({ algorithm, maxKeys: 100, clock });
    const perCall = await heapPerOperation(
      (n) => {
        const key = `user ${n}`;
        limiter.tryAcquire(key, 4);
        limiter.check(key);
        limiter.charge(key, 3);
        limiter.refund(key);
        limiter.settle(key, 1, 2);
        limiter.block(key, 10);
        limiter.peek(key);
        if (n % 3 === 0) limiter.reset(key);
        clock.ms += 1;
      },
      { operations: 20_000 },
    );
    expect(limiter.size).toBeLessThanOrEqual(100);
    expect(perCall).toBeLessThan(8);
  },
  60_000,
);
