import { TokenBucket, type TokenBucketOptions } from '@patterns/ratelimit';
import { ManualClock } from './manual-clock.ts';

/** The tables of x/time/rate: ten permits a second, and times in steps of 100 ms. */
const clock = new ManualClock();
const at = (step: number): void => {
  clock.ms = step * 100;
};
const make = (options: Partial<TokenBucketOptions> = {}): TokenBucket => {
  at(0);
  return new TokenBucket({ ratePerSecond: 10, burst: 5, clock, ...options });
};

describe('tryAcquire', () => {
  it.each<[string, number, readonly (readonly [step: number, permits: number, granted: boolean])[]]>([
    ['a burst of one', 1, [[0, 1, true], [0, 1, false], [0, 1, false], [1, 1, true], [1, 1, false], [2, 2, false], [2, 1, true]]], // prettier-ignore
    ['a burst of three', 3, [[0, 2, true], [0, 2, false], [0, 1, true], [0, 1, false], [1, 4, false], [2, 1, true], [3, 1, true], [4, 1, true], [4, 1, true], [4, 1, false], [9, 3, true], [9, 0, true]]], // prettier-ignore
    ['a clock that steps back', 3, [[1, 1, true], [0, 1, true], [0, 1, true], [0, 1, false], [1, 1, false], [2, 1, true], [2, 1, false]]], // prettier-ignore
  ])('follows the table of %s', (_, burst, table) => {
    const bucket = make({ burst });
    for (const [step, permits, granted] of table) {
      at(step);
      expect([step, permits, bucket.tryAcquire(permits)]).toEqual([step, permits, granted]);
    }
  });

  it('accrues nothing twice when the clock steps back and forth', () => {
    const bucket = make({ burst: 5, initial: 0 });
    at(2);
    expect(bucket.tokens).toBe(2);
    for (let n = 0; n < 10; n++) {
      at(0);
      expect(bucket.tokens).toBe(2);
      at(2);
      expect(bucket.tokens).toBe(2);
    }
    at(3);
    expect(bucket.tokens).toBe(3);
  });

  it('starts with `initial`', () => {
    expect(make({ initial: 0 }).tryAcquire()).toBe(false);
    expect(make({ initial: 2.5 }).tokens).toBe(2.5);
    expect(make({ initial: 2.5 }).check(2)).toMatchObject({ allowed: true, remaining: 0 });
    expect(make().tokens).toBe(5);
  });

  it('loses no fraction, however often it is asked', () => {
    const bucket = make({ burst: 1, ratePerSecond: 3 });
    bucket.tryAcquire();
    let granted = 0;
    for (let n = 1; n <= 300; n++) {
      clock.ms = (n * 10_000) / 300;
      if (bucket.tryAcquire()) granted++;
    }
    expect(granted).toBe(30);
  });
});

describe('no burst', () => {
  it('allows nothing but nothing', async () => {
    const bucket = make({ burst: 0 });
    expect(bucket.tryAcquire()).toBe(false);
    expect(bucket.tryAcquire(0)).toBe(true);
    expect(bucket.reserve(0)?.delayMs).toBe(0);
    expect(bucket.reserve()).toBeUndefined();
    expect(bucket.check()).toMatchObject({ allowed: false, limit: 0, retryAfterMs: Infinity });
    await expect(bucket.acquire()).rejects.toThrow(new RangeError('permits must be at most the limit of 0, got 1'));
    await expect(bucket.acquire(0)).resolves.toBeUndefined();
  });
});

describe('no rate', () => {
  it('gives the burst once', () => {
    const bucket = make({ ratePerSecond: 0, burst: 2 });
    expect([bucket.tryAcquire(2), bucket.tryAcquire()]).toEqual([true, false]);
    at(1e9);
    expect(bucket.tryAcquire()).toBe(false);
    expect(bucket.check()).toMatchObject({ allowed: false, retryAfterMs: Infinity, resetMs: Infinity, remaining: 0 });
  });

  it('reserves nothing that never comes, and owes nothing for it', () => {
    const bucket = make({ ratePerSecond: 0, burst: 1 });
    expect(bucket.reserve()?.delayMs).toBe(0);
    expect(bucket.reserve()).toBeUndefined();
    expect(bucket.tokens).toBe(0);
    expect(bucket.tryAcquire(0)).toBe(true);
  });
});

describe('an infinite rate', () => {
  it.each([0, 1, 5])('allows everything with a burst of %p, and takes nothing', async (burst) => {
    const bucket = make({ ratePerSecond: Infinity, burst });
    for (let n = 0; n < 100; n++) expect([bucket.tryAcquire(1), bucket.tryAcquire(1_000)]).toEqual([true, true]);
    expect(bucket.check(7)).toMatchObject({ allowed: true, limit: Infinity, remaining: Infinity, resetMs: 0 });
    await expect(bucket.acquire(99)).resolves.toBeUndefined();
    const reservation = bucket.reserve(50);
    expect(reservation?.delayMs).toBe(0);
    reservation?.cancel();
    bucket.reserve(50)?.settle(1_000);
    expect(bucket.tokens).toBe(burst);
  });

  it('leaves a full bucket when it ends, and a reservation of that time gives nothing back', () => {
    const bucket = make({ ratePerSecond: Infinity, burst: 3 });
    const reservation = bucket.reserve(3);
    bucket.update({ ratePerSecond: 10 });
    expect(bucket.tokens).toBe(3);
    bucket.tryAcquire(3);
    reservation?.cancel();
    expect(bucket.tokens).toBe(0);
  });
});

describe('more than the burst', () => {
  it('is refused for ever, and changes nothing', async () => {
    const bucket = make();
    expect(bucket.tryAcquire(6)).toBe(false);
    expect(bucket.peek(6).retryAfterMs).toBe(Infinity);
    expect(bucket.check(6)).toMatchObject({ allowed: false, retryAfterMs: Infinity, remaining: 5 });
    expect(bucket.reserve(6)).toBeUndefined();
    expect(bucket.tokens).toBe(5);
    const aborted = AbortSignal.abort(new Error('gave up'));
    await expect(bucket.acquire(6, { signal: aborted })).rejects.toThrow(RangeError);
    await expect(bucket.execute(() => 1, { permits: 6 })).rejects.toThrow(RangeError);
  });
});

describe('what it says of itself', () => {
  it('is the burst, and the time in which that comes back', () => {
    expect(make({ name: 'api' }).quota).toEqual({ name: 'api', limit: 5, windowMs: 500 });
    expect(make({ ratePerSecond: 0 }).quota).toEqual({ name: 'default', limit: 5, windowMs: Infinity });
    expect(make({ ratePerSecond: Infinity }).quota).toEqual({ name: 'default', limit: 5, windowMs: 0 });
    const bucket = make();
    bucket.update({ burst: 20 });
    expect(bucket.quota).toEqual({ name: 'default', limit: 20, windowMs: 2_000 });
    expect([bucket.name, bucket.kind, bucket.burst, bucket.ratePerSecond]).toEqual([undefined, 'rate-limit', 20, 10]);
  });

  it('is whole permits, and fractions in tokens alone', () => {
    const bucket = make();
    bucket.tryAcquire(5);
    clock.ms = 250;
    expect(bucket.tokens).toBe(2.5);
    expect(bucket.peek(0).remaining).toBe(2);
    expect(bucket.check(1)).toEqual({
      allowed: true,
      limit: 5,
      remaining: 1,
      retryAfterMs: 0,
      resetMs: 350,
      policy: { name: 'default', limit: 5, windowMs: 500 },
    });
  });
});

describe('update', () => {
  it('accrues at the old rate up to now', () => {
    const bucket = make({ initial: 0 });
    at(2);
    bucket.update({ ratePerSecond: 100 });
    expect(bucket.tokens).toBe(2);
    clock.ms += 20;
    expect(bucket.tokens).toBe(4);
  });

  it('fills a larger burst at the rate, and cuts to a smaller one', () => {
    const bucket = make();
    bucket.update({ burst: 10 });
    expect(bucket.tokens).toBe(5);
    at(3);
    expect(bucket.tokens).toBe(8);
    bucket.update({ burst: 2, ratePerSecond: undefined });
    expect(bucket.tokens).toBe(2);
    expect(bucket.check(3).retryAfterMs).toBe(Infinity);
  });

  it('is refused as a whole when an option is out of range', () => {
    const bucket = make();
    expect(() => {
      bucket.update({ ratePerSecond: 20, burst: -1 });
    }).toThrow(RangeError);
    expect([bucket.ratePerSecond, bucket.burst]).toEqual([10, 5]);
  });
});

describe('misuse', () => {
  it.each<[Partial<Record<keyof TokenBucketOptions, unknown>>, string]>([
    [{ ratePerSecond: -1 }, 'ratePerSecond must be a number of at least 0, got -1'],
    [{ ratePerSecond: NaN }, 'ratePerSecond must be a number of at least 0, got NaN'],
    [{ ratePerSecond: '5' }, 'ratePerSecond must be a number of at least 0, got "5"'],
    [{ burst: -1 }, 'burst must be an integer of at least 0, got -1'],
    [{ burst: 1.5 }, 'burst must be an integer of at least 0, got 1.5'],
    [{ burst: undefined }, 'burst must be an integer of at least 0, got undefined'],
    [{ initial: 6 }, 'initial must be a number of at least 0 and at most 5, got 6'],
    [{ initial: -1 }, 'initial must be a number of at least 0 and at most 5, got -1'],
    [{ maxWaitMs: -1 }, 'maxWaitMs must be a number of at least 0, got -1'],
    [{ maxQueue: 0.5 }, 'maxQueue must be an integer of at least 0, got 0.5'],
    [{ overflow: 'drop' }, `overflow must be 'reject' or 'drop-oldest', got "drop"`],
    [{ name: 5 }, 'name must be a string, got 5'],
    [{ clock: null }, 'clock must be a clock, got null'],
  ])('of the constructor is named: %j', (options, message) => {
    expect(() => new TokenBucket({ ratePerSecond: 10, burst: 5, ...options } as TokenBucketOptions)).toThrow(message);
  });
});
