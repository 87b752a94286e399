import { failOnLeaks, heapPerOperation } from '@patterns-tools/test-kit';
import { withCancel } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import {
  AdaptiveRate,
  allOf,
  FixedWindow,
  Gcra,
  LeakyBucket,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
} from '@patterns/ratelimit';

failOnLeaks();

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

const clock = new VirtualClock();
afterEach(() => {
  expect(clock.pending).toBe(0);
});
const windows = { limit: 10, windowMs: 1_000, clock };
const bucket = new TokenBucket({ ratePerSecond: 10, burst: 5, clock });
const full = new TokenBucket({ ratePerSecond: 10, burst: 5, initial: 0, maxWaitMs: 0, clock });
const window = new FixedWindow(windows);
const both = allOf(bucket, window);
const ctx = withCancel();
const ignore = (): undefined => undefined;
const limiters = [
  bucket,
  new Gcra(windows),
  new LeakyBucket({ ratePerSecond: 10, capacity: 5, clock }),
  window,
  new SlidingWindowLog(windows),
  new SlidingWindowCounter(windows),
  new AdaptiveRate({ initialPerSecond: 10, clock }),
  both,
];

const ways: readonly (readonly [string, (index: number) => unknown])[] = [
  ['tryAcquire', (n) => limiters[n % limiters.length]?.tryAcquire()],
  ['a decision', (n) => limiters[n % limiters.length]?.check()],
  ['a refusal', () => full.acquire().catch(ignore)],
  [
    'a wait that is given up, under one context',
    () => {
      const own = withCancel(ctx);
      const wait = bucket.acquire(5, { signal: own }).catch(ignore);
      own.cancel();
      return wait;
    },
  ],
  [
    'a wait for several limits that is given up',
    () => {
      const own = withCancel(ctx);
      const wait = both.acquire(5, { signal: own }).catch(ignore);
      own.cancel();
      return wait;
    },
  ],
  [
    'a wait for limits that have been joined for it',
    () => {
      const own = withCancel(ctx);
      const wait = allOf(bucket, window).acquire(5, { signal: own }).catch(ignore);
      own.cancel();
      return wait;
    },
  ],
  ['a reservation that is canceled', (n) => limiters[n % limiters.length]?.reserve()?.cancel()],
  ['a reservation that is settled', (n) => limiters[n % limiters.length]?.reserve()?.settle(0)],
  [
    'a reservation that is waited for and canceled',
    () => {
      const reservation = bucket.reserve(5);
      const wait = reservation?.wait({ signal: ctx }).catch(ignore);
      reservation?.cancel();
      return wait;
    },
  ],
  [
    'a change',
    (n) => {
      bucket.update({ ratePerSecond: 10 + (n % 2) });
    },
  ],
];

describe('nothing is left behind, after 100 000 times', () => {
  it.each(ways)('%s', async (_, run) => {
    expect(await heapPerOperation(run, { operations: 20_000, rounds: 4 })).toBeLessThan(25);
  });
});
