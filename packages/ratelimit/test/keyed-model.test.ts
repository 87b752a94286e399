import { fixedWindow, gcra, KeyedRateLimiter, slidingCounter, slidingLog, tokenBucket } from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';
import { NaiveKey } from './naive-store.ts';

/** A permit every whole number of milliseconds, as the naive key looks at whole milliseconds only. */
const sizes = fc.record({ limit: fc.integer({ min: 1, max: 6 }), intervalMs: fc.integer({ min: 1, max: 12 }) });
const windows = sizes.map(({ limit, intervalMs }) => ({ limit, windowMs: limit * intervalMs }));
const algorithms = {
  gcra: fc.tuple(windows, fc.integer({ min: 1, max: 6 })).map(([window, burst]) => gcra({ ...window, burst })),
  tokenBucket: fc
    .tuple(fc.constantFrom(1, 2, 4, 5, 8, 10), fc.integer({ min: 1, max: 6 }))
    .map(([ms, burst]) => tokenBucket({ ratePerSecond: 1000 / ms, burst })),
  fixedWindow: windows.map(fixedWindow),
  slidingCounter: windows.map(slidingCounter),
  slidingLog: windows.map(slidingLog),
};

const keys = ['a', 'b', '__proto__'] as const;
const steps = fc.array(
  fc.record({
    ms: fc.oneof({ weight: 3, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.integer({ min: -30, max: 80 }) }),
    key: fc.constantFrom(...keys),
    act: fc.constantFrom(
      'check',
      'check',
      'check',
      'tryAcquire',
      'peek',
      'charge',
      'refund',
      'settle',
      'block',
      'reset',
    ),
    cost: fc.nat(7),
    other: fc.nat(7),
  }),
  { maxLength: 50 },
);

it.each(Object.entries(algorithms))('%s answers as a model that remembers every permit', (_name, algorithms_) => {
  fc.assert(
    fc.property(algorithms_, steps, (algorithm, all) => {
      const clock = new ManualClock(100);
      const limiter = new KeyedRateLimiter({ algorithm, clock });
      const models = new Map<string, NaiveKey>();
      let latestMs = 100;
      for (const { ms, key, act, cost, other } of all) {
        clock.ms += ms;
        // Who only forgets does not look at the clock.
        if (act !== 'reset') latestMs = Math.max(latestMs, clock.ms);
        let model = models.get(key);
        if (model === undefined || act === 'reset') models.set(key, (model = new NaiveKey(algorithm)));
        model.advance(latestMs);
        switch (act) {
          case 'check': {
            const { allowed, remaining, retryAfterMs } = limiter.check(key, cost);
            const expected = model.check(cost);
            expect({ allowed, remaining }).toEqual({ allowed: expected.allowed, remaining: expected.remaining });
            // The model looks at whole milliseconds.
            expect(Math.max(0, Math.ceil(retryAfterMs - 1e-6))).toBe(expected.retryAfterMs);
            break;
          }
          case 'tryAcquire':
            expect(limiter.tryAcquire(key, cost)).toBe(model.check(cost).allowed);
            break;
          case 'peek':
            expect(limiter.peek(key, cost).allowed).toBe(model.peek(cost).allowed);
            expect(limiter.peek(key, 0).remaining).toBe(model.peek(0).remaining);
            break;
          case 'charge':
          case 'refund':
            limiter[act](key, cost);
            model[act](cost);
            break;
          case 'settle':
            limiter.settle(key, cost, other);
            if (other > cost) model.charge(other - cost);
            else model.refund(cost - other);
            break;
          case 'block':
            limiter.block(key, cost * 5);
            model.block(cost * 5);
            break;
          case 'reset':
            limiter.reset(key);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
