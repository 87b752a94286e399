import { background, systemClock, type Clock } from '@patterns/context';
import {
  allOf,
  FixedWindow,
  Gcra,
  gcra,
  KeyedRateLimiter,
  LeakyBucket,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
} from '@patterns/ratelimit';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const answer = Promise.resolve(1);
/** Makes no promise of its own. */
const succeed = (): Promise<number> => answer;
const many = { limit: 1e6, windowMs: 1 };
const free = new TokenBucket({ ratePerSecond: 1e9, burst: 1e9 });
const empty = (): TokenBucket => new TokenBucket({ ratePerSecond: 10, burst: 1, initial: 0 });
const denying = new TokenBucket({ ratePerSecond: 1e-9, burst: 1, initial: 0, maxWaitMs: 0 });
const limiters = [
  free,
  denying,
  new Gcra(many),
  new FixedWindow(many),
  new SlidingWindowLog(many),
  new SlidingWindowCounter(many),
  new LeakyBucket({ ratePerSecond: 1e9, capacity: 1e9 }),
  allOf(free, new Gcra(many)),
];
const keyed = new KeyedRateLimiter({ algorithm: gcra(many) });
const wrapped = free.wrap(succeed);
const { signal } = new AbortController();

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['tryAcquire, of every limiter', () => limiters.map((limiter) => limiter.tryAcquire()), {}],
  ['check and peek', () => [free.check(), free.peek(), denying.check()], {}],
  ['tryAcquire, check and peek of a key', () => [keyed.tryAcquire('a'), keyed.check('a'), keyed.peek('a')], {}],
  ['a reservation', () => free.reserve()?.cancel(), {}],
  ['acquire, with the permits there', () => free.acquire(), { promises: 1 }],
  ['the same, under a signal', () => free.acquire(1, { signal }), { promises: 1 }],
  ['a refusal', () => denying.acquire(), { promises: 1 }],
  ['execute, with the permits there', () => free.execute(succeed), {}],
  ['a call through wrap', () => wrapped(), {}],
];

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});

/** These take longer than microtasks, so that promises of others would be counted too. */
const waits: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['acquire that waits', () => empty().acquire(), { timers: 1 }],
  ['the same, under a signal', () => empty().acquire(1, { signal }), { timers: 1, listeners: 1 }],
];

it.each(waits)('%s costs what the README says', async (_, operation, cost) => {
  const { timers: made, ...rest } = await costOf(operation);
  const { promises, timers, ...others } = { ...noCost, ...cost };
  expect(promises).toBe(0);
  expect(rest).toMatchObject(others);
  // A timer of the platform that comes early is armed once more.
  expect([timers, timers * 2]).toContain(made);
});

it('all who wait share one timer', async () => {
  let timers = 0;
  const clock: Clock = {
    now: () => systemClock.now(),
    setTimeout: (fn, ms) => {
      timers++;
      return systemClock.setTimeout(fn, ms);
    },
  };
  const bucket = new TokenBucket({ ratePerSecond: 1e-9, burst: 1, initial: 0, clock });
  const waits = Array.from({ length: 100 }, () => bucket.acquire(1, { signal: background() }));
  expect(timers).toBe(1);
  bucket.update({ ratePerSecond: Infinity });
  await Promise.all(waits);
});
