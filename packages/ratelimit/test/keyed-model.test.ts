import {
  fixedWindow,
  gcra,
  KeyedRateLimiter,
  slidingCounter,
  slidingLog,
  tokenBucket,
  type RateAlgorithm,
} from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';
import { NaiveKey } from './naive-store.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

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
const acts = ['check', 'check', 'check', 'tryAcquire', 'peek', 'charge', 'refund', 'settle', 'block', 'reset'] as const;

interface Step {
  readonly ms: number;
  readonly key: string;
  readonly act: (typeof acts)[number];
  readonly cost: number;
  readonly other: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    ms: fc.oneof({ weight: 3, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.integer({ min: -30, max: 80 }) }),
    key: fc.constantFrom(...keys),
    act: fc.constantFrom(...acts),
    cost: fc.nat(7),
    other: fc.nat(7),
  }),
  { maxLength: 50 },
);

function expectAnswersOfModel(algorithm: RateAlgorithm, all: readonly Step[]): void {
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
}

it.each(Object.entries(algorithms))('%s answers as a model that remembers every permit', (_name, algorithms_) => {
  fc.assert(fc.property(algorithms_, steps, expectAnswersOfModel), { numRuns: 2_000 });
});

it('slidingLog answers as that model also when more than its limit is owed, of more moments than it remembers', () => {
  const logs = fc.record({ limit: fc.integer({ min: 1, max: 4 }), windowMs: fc.constantFrom(8, 60) }).map(slidingLog);
  const debts = fc.array(
    fc.record({
      ms: fc.constantFrom(0, 1, 1, 1, 2, 8),
      key: fc.constant('a'),
      act: fc.constantFrom('check', 'peek', 'charge', 'charge', 'refund'),
      cost: fc.nat(3),
      other: fc.constant(0),
    }),
    { maxLength: 50, size: 'max' },
  );
  fc.assert(fc.property(logs, debts, expectAnswersOfModel), { numRuns: 2_000 });
});
