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

const algorithms = {
  gcra: gcra({ limit: 2, windowMs: 1_000 }),
  tokenBucket: tokenBucket({ ratePerSecond: 2, burst: 2 }),
  fixedWindow: fixedWindow({ limit: 2, windowMs: 1_000 }),
  slidingCounter: slidingCounter({ limit: 2, windowMs: 1_000 }),
  slidingLog: slidingLog({ limit: 2, windowMs: 1_000 }),
};
const each = Object.entries(algorithms);

const anyAlgorithm = fc.constantFrom(...Object.values(algorithms));

it('keeps a key at its limit that is asked again within half of maxKeys other keys', () => {
  const asking = fc.constantFrom('tryAcquire', 'check', 'peek', 'charge');
  const rounds = fc.array(fc.record({ others: fc.nat(32), ms: fc.nat(3), how: asking, otherHow: asking }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(anyAlgorithm, fc.integer({ min: 16, max: 64 }), rounds, (algorithm, maxKeys, all) => {
      const clock = new ManualClock(10_000);
      const limiter = new KeyedRateLimiter({ algorithm, maxKeys, clock });
      let made = 0;
      limiter.charge('victim', 100);
      for (const { others, ms, how, otherHow } of all) {
        for (let n = 0; n < Math.min(others, maxKeys / 2); n++) limiter[otherHow](`other ${made++}`, 1);
        clock.ms += ms;
        if (how === 'peek') expect(limiter.peek('victim').allowed).toBe(false);
        else if (how === 'charge') limiter.charge('victim');
        else expect(limiter.tryAcquire('victim')).toBe(false);
        expect(limiter.size).toBeLessThanOrEqual(maxKeys);
      }
      expect(limiter.tryAcquire('victim')).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

it('still limits it under ten times maxKeys random keys', () => {
  fc.assert(
    fc.property(
      anyAlgorithm,
      fc.integer({ min: 16, max: 64 }),
      fc.infiniteStream(fc.nat(1e6)),
      (algorithm, maxKeys, random) => {
        const limiter = new KeyedRateLimiter({ algorithm, maxKeys, clock: new ManualClock(10_000) });
        limiter.check('victim', 2);
        for (let made = 1; made <= 10 * maxKeys; made++) {
          limiter.tryAcquire(`random ${random.next().value}`, 2);
          if (made % Math.floor(maxKeys / 2) === 0) expect(limiter.tryAcquire('victim')).toBe(false);
        }
        expect(limiter.size).toBeLessThanOrEqual(maxKeys);
      },
    ),
    { numRuns: 1_000 },
  );
});

it('forgets as a list in order of use would: one of the 8 oldest that is full again, else the oldest', () => {
  const step = fc.record({ key: fc.nat(30).map(String), ms: fc.nat(120), cost: fc.integer({ min: 1, max: 2 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 80 }), (maxKeys, steps) => {
      const clock = new ManualClock();
      const limiter = new KeyedRateLimiter({ algorithm: gcra({ limit: 10, windowMs: 1_000 }), maxKeys, clock });
      /** Least recently used first. */
      let model: { readonly key: string; readonly fullAtMs: number }[] = [];
      for (const { key, ms, cost } of steps) {
        clock.ms += ms;
        const known = model.find((entry) => entry.key === key);
        model = model.filter((entry) => entry !== known);
        if (known === undefined && model.length === maxKeys) {
          const goes = model.slice(0, 8).find((entry) => entry.fullAtMs <= clock.ms) ?? model[0];
          model = model.filter((entry) => entry !== goes);
        }
        const fullAtMs = Math.max(known?.fullAtMs ?? 0, clock.ms) + cost * 100;
        const allowed = fullAtMs - clock.ms <= 1_000;
        model.push({ key, fullAtMs: allowed ? fullAtMs : (known?.fullAtMs ?? 0) });
        expect(limiter.tryAcquire(key, cost)).toBe(allowed);
        expect(limiter.size).toBe(model.length);
      }
      for (const { key, fullAtMs } of model) {
        expect(limiter.peek(key, 0).resetMs).toBeCloseTo(Math.max(0, fullAtMs - clock.ms), 6);
      }
    }),
    { numRuns: 1_000 },
  );
});

it.each(each)('%s: a key that is back to full goes before the oldest', (_name, algorithm) => {
  const clock = new ManualClock(10_000);
  const limiter = new KeyedRateLimiter({ algorithm, maxKeys: 3, clock });
  limiter.charge('owes', 20);
  limiter.block('owes', 1e6);
  limiter.check('full soon');
  limiter.block('blocked', 1e6);
  clock.ms += 2_000;
  limiter.check('new', 2);
  expect(limiter.size).toBe(3);
  expect([limiter.tryAcquire('owes'), limiter.tryAcquire('blocked'), limiter.tryAcquire('new')]).toEqual([
    false,
    false,
    false,
  ]);
});

it('does not remember a key for a question that takes nothing', () => {
  const limiter = new KeyedRateLimiter({ algorithm: (key) => (key === 'l' ? algorithms.slidingLog : algorithms.gcra) });
  for (const key of ['a', 'l']) {
    limiter.peek(key);
    limiter.check(key, 0);
    limiter.check(key, 3);
    limiter.tryAcquire(key, 3);
    limiter.refund(key, 5);
    limiter.charge(key, 0);
    limiter.settle(key, 5, 5);
    limiter.block(key, 0);
    limiter.reset(key);
    expect(limiter.size).toBe(0);
    // And what is not remembered is full.
    expect(limiter.check(key)).toMatchObject({ allowed: true, remaining: 1 });
    limiter.reset(key);
  }
});

it('uses the place of a key that was reset', () => {
  const limiter = new KeyedRateLimiter({
    algorithm: algorithms.slidingLog,
    maxKeys: 2,
    clock: new ManualClock(10_000),
  });
  limiter.check('a', 2);
  limiter.check('b', 2);
  limiter.reset('a');
  expect(limiter.size).toBe(1);
  limiter.check('c', 2);
  expect([limiter.tryAcquire('b'), limiter.tryAcquire('c')]).toEqual([false, false]);
  expect(limiter.size).toBe(2);
});

it('keeps each key apart while it grows, whatever their algorithms, and whichever came first', () => {
  const kinds = Object.values(algorithms);
  const limiter = new KeyedRateLimiter({
    algorithm: (key) => (Number(key) < 10 ? algorithms.gcra : (kinds[Number(key) % kinds.length] ?? algorithms.gcra)),
    clock: new ManualClock(10_000),
  });
  const keys = Array.from({ length: 100 }, (_, n) => String(n));
  const left: number[] = [];
  for (const key of keys) {
    const cost = 1 + (Number(key) % 2);
    limiter.check(key, cost);
    left.push(2 - cost);
  }
  expect(keys.map((key) => limiter.peek(key, 0).remaining)).toEqual(left);
  for (const key of keys) limiter.reset(key);
  expect(limiter.size).toBe(0);
  // Slots are used again by keys of other algorithms.
  for (const key of [...keys].reverse()) expect(limiter.check(key, 2)).toMatchObject({ allowed: true, remaining: 0 });
});

it('knows when a key is full that has the place of one of another algorithm', () => {
  const clock = new ManualClock(10_000);
  const limiter = new KeyedRateLimiter({
    algorithm: (key) => (key.startsWith('log') ? algorithms.slidingLog : algorithms.gcra),
    maxKeys: 2,
    clock,
  });
  limiter.check('log', 2);
  limiter.check('old', 2);
  limiter.reset('log');
  limiter.charge('new', 4);
  clock.ms += 1_000;
  // The new one owes still; the old one is full.
  limiter.check('next');
  expect([limiter.tryAcquire('new'), limiter.size]).toEqual([false, 2]);
});

it.each([
  [7, false],
  [8, true],
])('looks for a key that is full among the 8 oldest only: behind %d others', (others, isOldestForgotten) => {
  const clock = new ManualClock(10_000);
  const limiter = new KeyedRateLimiter({ algorithm: algorithms.gcra, maxKeys: 12, clock });
  limiter.check('full soon');
  for (let n = 0; n < others; n++) limiter.charge(`owes ${n}`, 100);
  limiter.peek('full soon');
  for (let n = 0; limiter.size < 12; n++) limiter.charge(`newer ${n}`, 100);
  clock.ms += 1_000;
  limiter.check('next');
  expect(limiter.tryAcquire('owes 0')).toBe(isOldestForgotten);
});

it('knows when a key is full whose algorithm has changed', () => {
  const clock = new ManualClock(10_000);
  let algorithm: RateAlgorithm = algorithms.slidingLog;
  const limiter = new KeyedRateLimiter({
    algorithm: (key) => (key === 'one' ? algorithm : algorithms.gcra),
    maxKeys: 2,
    clock,
  });
  limiter.charge('older', 100);
  limiter.check('one', 2);
  algorithm = algorithms.gcra;
  limiter.charge('one', 100);
  clock.ms += 1_000;
  limiter.check('next');
  expect(limiter.tryAcquire('one')).toBe(false);
});

it('works with room for a single key', () => {
  const limiter = new KeyedRateLimiter({ algorithm: algorithms.gcra, maxKeys: 1, clock: new ManualClock(10_000) });
  for (const key of ['a', 'b', 'a', 'b']) expect(limiter.check(key, 2).allowed).toBe(true);
  expect(limiter.tryAcquire('b')).toBe(false);
  expect(limiter.size).toBe(1);
});
