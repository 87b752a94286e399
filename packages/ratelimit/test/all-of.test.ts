import { failOnLeaks } from '@patterns-tools/test-kit';
import { withCancel } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import {
  allOf,
  FixedWindow,
  Gcra,
  LeakyBucket,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  type RateLimiter,
  type Reservation,
} from '@patterns/ratelimit';
import { foreign } from './foreign.ts';
import { ManualClock } from './manual-clock.ts';

failOnLeaks();

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock({ now: 1_000 });
});
afterEach(() => {
  expect(clock.pending).toBe(0);
});

const bucket = (name: string, ratePerSecond: number, burst: number): TokenBucket =>
  new TokenBucket({ name, ratePerSecond, burst, clock });

describe.each([
  ['limiters', (limiter: RateLimiter) => limiter],
  ['limiters of another copy', foreign],
])('allOf, of %s', (_, of) => {
  it('takes from all or from none', () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 1, 2)];
    const both = allOf(one, of(other));
    expect([both.tryAcquire(2), both.tryAcquire()]).toEqual([true, false]);
    expect([one.tokens, other.tokens]).toEqual([3, 0]);
    expect(both.check().allowed).toBe(false);
    expect([one.tokens, other.tokens]).toEqual([3, 0]);
  });

  it('takes from all or from none, also where some of them are one limiter', () => {
    const [one, other, none] = [bucket('one', 0, 5), bucket('other', 0, 5), bucket('none', 0, 0)];
    const nested = allOf(allOf(one, of(other)), none);
    expect([nested.tryAcquire(), nested.check().allowed, one.tokens, other.tokens]).toEqual([false, false, 5, 5]);
    none.update({ burst: 3, ratePerSecond: Infinity });
    expect([nested.tryAcquire(2), one.tokens, other.tokens]).toEqual([true, 3, 3]);
  });

  it('tells of each, and decides by the tightest', () => {
    const both = allOf(bucket('one', 10, 5), of(bucket('other', 1, 4)));
    const decision = both.check(3);
    expect(decision).toMatchObject({
      allowed: true,
      limit: 4,
      remaining: 1,
      retryAfterMs: 0,
      policy: { name: 'other' },
    });
    expect(decision.decisions).toMatchObject([
      { allowed: true, remaining: 2, policy: { name: 'one' } },
      { allowed: true, remaining: 1, policy: { name: 'other' } },
    ]);
    const refused = both.check(2);
    expect(refused).toMatchObject({ allowed: false, remaining: 1, retryAfterMs: 1_000, policy: { name: 'other' } });
    expect(refused.decisions).toMatchObject([
      { allowed: true, remaining: 2, retryAfterMs: 0 },
      { allowed: false, remaining: 1, retryAfterMs: 1_000 },
    ]);
    expect(both.peek(2)).toEqual(refused);
  });

  it('says when everything of all is back', () => {
    const both = allOf(bucket('one', 10, 5), of(bucket('other', 1, 2)));
    expect(both.peek(0)).toMatchObject({ allowed: true, remaining: 2, resetMs: 0 });
    expect(both.peek(1)).toMatchObject({ allowed: true, remaining: 1, resetMs: 1_000 });
    expect(both.check(1)).toMatchObject({ allowed: true, remaining: 1, resetMs: 1_000 });
    expect(both.check(2)).toMatchObject({ allowed: false, remaining: 1, retryAfterMs: 1_000, resetMs: 1_000 });
  });

  it('waits until all have enough, first come first served, and takes from all at that moment', async () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 1, 2)];
    const both = allOf(one, of(other));
    const log: number[] = [];
    for (const permits of [2, 2, 1]) void both.acquire(permits).then(() => log.push(clock.now() - 1_000));
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect([one.tokens, log]).toEqual([5, [0]]);
    await clock.advance(9_000);
    expect(log).toEqual([0, 2_000, 3_000]);
  });

  it('reserves from all, and gives back to all', () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 1, 2)];
    const both = allOf(one, of(other));
    both.tryAcquire(2);
    const reservation = both.reserve(2);
    expect(reservation?.delayMs).toBe(2_000);
    expect(other.tokens).toBe(-2);
    reservation?.cancel();
    expect(other.tokens).toBe(0);
    expect(one.tokens).toBeCloseTo(3);
    expect(both.reserve(1, { maxWaitMs: 999 })).toBeUndefined();
    expect(both.reserve(3)).toBeUndefined();
    both.reserve(1)?.settle(4);
    expect(other.tokens).toBe(-4);
  });

  it('gives back to all what was reserved for now', () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 1, 2)];
    allOf(one, of(other)).reserve(2)?.settle(1);
    expect([one.tokens, other.tokens]).toEqual([4, 1]);
  });

  it('can never have more than the least of them', async () => {
    const both = allOf(bucket('one', 10, 5), of(bucket('other', 1, 2)));
    expect([both.tryAcquire(3), both.peek(3).retryAfterMs]).toEqual([false, Infinity]);
    await expect(both.acquire(3)).rejects.toThrow(new RangeError('permits must be at most the limit of 2, got 3'));
  });

  it('is a policy', async () => {
    const both = allOf(bucket('one', 10, 5), of(bucket('other', 1, 2)));
    await expect(both.execute(() => 'done', { permits: 2 })).resolves.toBe('done');
    await expect(both.execute(() => 'not', { maxWaitMs: 0 })).rejects.toMatchObject({ reason: 'limit' });
    expect([both.kind, both.name, both.quota.name]).toEqual(['rate-limit', undefined, 'other']);
  });
});

describe('the tightest', () => {
  it('is the one with the longest wait, else with the smallest share left, in whatever order they come', () => {
    const [slow, fast] = [bucket('slow', 1, 5), bucket('fast', 10, 100)];
    slow.tryAcquire(2);
    fast.tryAcquire(80);
    const none = bucket('none', 1, 0);
    const unlimited = new Gcra({ name: 'unlimited', limit: Infinity, windowMs: 1_000, clock });
    const boundless = new TokenBucket({ name: 'boundless', ratePerSecond: 10, burst: Infinity, clock });
    const table: [RateLimiter, RateLimiter, number, string][] = [
      [slow, fast, 1, 'fast'],
      [slow, fast, 5, 'slow'],
      [slow, none, 0, 'none'],
      [slow, unlimited, 1, 'slow'],
      [fast, boundless, 1, 'fast'],
    ];
    for (const [one, other, permits, name] of table) {
      expect(allOf(one, other).peek(permits).policy?.name).toBe(name);
      expect(allOf(other, one).peek(permits).policy?.name).toBe(name);
    }
    const both = [bucket('one', 1, 1), bucket('other', 10, 1)] as const;
    for (const limiter of both) limiter.tryAcquire();
    expect(allOf(...both).peek()).toMatchObject({ retryAfterMs: 1_000, policy: { name: 'one' } });
    expect(allOf(both[1], both[0]).peek()).toMatchObject({ retryAfterMs: 1_000, policy: { name: 'one' } });
  });

  it('is by its rate where nothing is asked', () => {
    const [slow, fast] = [bucket('slow', 1, 5), bucket('fast', 10, 1)];
    const boundless = new TokenBucket({ name: 'boundless', ratePerSecond: 10, burst: Infinity, clock });
    expect([allOf(slow, fast).quota.name, allOf(fast, slow).quota.name]).toEqual(['slow', 'slow']);
    expect([allOf(fast, boundless).quota.name, allOf(boundless, fast).quota.name]).toEqual(['fast', 'fast']);
  });
});

describe('what is foreseen', () => {
  it.each([77_000, 50])('is right with clocks that began at different times: %d', async (now) => {
    const late = new VirtualClock({ now });
    const both = allOf(bucket('one', 10, 1), new SlidingWindowLog({ limit: 2, windowMs: 1_000, clock: late }));
    both.tryAcquire();
    const log: number[] = [];
    for (let n = 0; n < 2; n++) void both.acquire().then(() => log.push(clock.now() - 1_000));
    expect(both.peek()).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 1_100, resetMs: 2_000 });
    await expect(both.acquire(1, { maxWaitMs: 1_099 })).rejects.toMatchObject({ retryAfterMs: 1_100 });
    for (const ms of [99, 1, 899, 1]) {
      await late.advance(ms);
      await clock.advance(ms);
    }
    expect(log).toEqual([100, 1_000]);
  });

  it.each([77_000, 50])(
    'has room where all of them have, also with clocks that began at different times: %d',
    async (now) => {
      const late = new VirtualClock({ now });
      for (const other of [clock, late]) {
        const both = allOf(bucket('one', 100, 5), new LeakyBucket({ ratePerSecond: 10, capacity: 2, clock: other }));
        expect([both.tryAcquire(), both.reserve()?.delayMs, both.reserve()]).toEqual([true, 100, undefined]);
        await expect(both.acquire()).rejects.toMatchObject({ reason: 'queue-full', retryAfterMs: 100 });
      }
      const both = allOf(bucket('one', 100, 5), new LeakyBucket({ ratePerSecond: 10, capacity: 2, clock: late }));
      both.tryAcquire();
      const wait = both.acquire();
      await expect(both.acquire()).rejects.toMatchObject({ reason: 'queue-full', retryAfterMs: 100 });
      await late.advance(100);
      await clock.advance(100);
      await wait;
    },
  );

  it.each([77_000, 50])('says when all is back, by a clock that began at %d', async (now) => {
    const late = new VirtualClock({ now });
    const both = allOf(bucket('one', 10, 1), new Gcra({ limit: 100, windowMs: 1_000, clock: late }));
    both.tryAcquire();
    const wait = both.acquire();
    expect(both.peek(0)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 100, resetMs: 200 });
    await late.advance(100);
    await clock.advance(100);
    await wait;
  });

  it('is never when those before in the line of one never come', async () => {
    const zero = bucket('zero', 0, 2);
    zero.tryAcquire(2);
    const controller = new AbortController();
    const { signal } = controller;
    const both = allOf(bucket('one', 10, 5), zero);
    const waits = [zero.acquire(1, { signal })];
    const never = { allowed: false, remaining: 0, retryAfterMs: Infinity, resetMs: Infinity };
    expect(both.peek(0)).toMatchObject(never);
    expect(both.reserve()).toBeUndefined();
    for (let n = 0; n < 2; n++) {
      waits.push(both.acquire(0, { signal }));
      expect(both.peek(0)).toMatchObject(never);
    }
    controller.abort('left');
    // Nothing is there again for those who want nothing.
    expect((await Promise.allSettled(waits)).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('is never when one of them has nothing left for a reservation that waits', async () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 10, 5)];
    const both = allOf(one, other);
    both.tryAcquire(2);
    const controller = new AbortController();
    const { signal } = controller;
    const gone = expect(both.acquire(5, { signal })).rejects.toBe('left');
    const reservation = both.reserve(1);
    expect(reservation?.delayMs).toBe(300);
    controller.abort('left');
    await gone;
    const ctx = withCancel();
    const waits = expect(other.acquire(5, { signal: ctx })).rejects.toBe('left');
    other.update({ ratePerSecond: 0 });
    expect(both.peek(0)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: Infinity, resetMs: Infinity });
    expect(both.reserve()).toBeUndefined();
    await expect(both.acquire(1, { maxWaitMs: 1e9 })).rejects.toMatchObject({
      reason: 'max-wait',
      retryAfterMs: Infinity,
    });
    ctx.cancel('left');
    await waits;
    expect(reservation?.delayMs).toBe(300);
  });

  it('is never when those who come before take what never comes back', async () => {
    const other = bucket('other', 10, 1);
    other.tryAcquire();
    const both = allOf(bucket('one', 0, 1), other);
    const controller = new AbortController();
    const waits = [1, 1].map((permits) => both.acquire(permits, { signal: controller.signal }));
    expect(both.peek(0)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: Infinity, resetMs: Infinity });
    await clock.advance(100);
    controller.abort('left');
    expect((await Promise.allSettled(waits)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('counts those who wait for one that is made of several itself', async () => {
    const inner = allOf(bucket('one', 10, 1), bucket('two', 1_000, 5));
    const outer = allOf(inner, bucket('three', 1_000, 5));
    inner.tryAcquire();
    const log: string[] = [];
    void inner.acquire().then(() => log.push(`inner ${clock.now() - 1_000}`));
    for (const who of ['a', 'b']) void outer.acquire().then(() => log.push(`${who} ${clock.now() - 1_000}`));
    expect(outer.peek().retryAfterMs).toBeCloseTo(400);
    await clock.advance(1_000);
    expect(log).toEqual(['inner 100', 'a 200', 'b 300']);
  });

  it('leaves out those who want too much for what the limit of one has become', async () => {
    const one = bucket('one', 10, 5);
    const both = allOf(one, bucket('two', 1_000, 5));
    both.tryAcquire(5);
    const waits = Promise.allSettled([both.acquire(1), both.acquire(5), both.acquire(1)]);
    one.update({ burst: 2 });
    expect(both.peek().retryAfterMs).toBeCloseTo(300);
    await clock.advance(1_000);
    expect((await waits).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('allOf', () => {
  it('overtakes nobody who waits for one of them, though there is enough for it', async () => {
    const one = bucket('one', 10, 2);
    one.tryAcquire();
    const large = one.acquire(2);
    expect(allOf(one, bucket('other', 10, 2)).tryAcquire()).toBe(false);
    await clock.advance(100);
    await large;
  });

  it('counts reservations whose time has come, and no longer waits for them', async () => {
    const window = new FixedWindow({ limit: 5, windowMs: 100, clock });
    const both = allOf(window, bucket('other', 10, 5));
    window.tryAcquire(5);
    window.reserve(2);
    expect(both.tryAcquire()).toBe(false);
    await clock.advance(100);
    expect([both.tryAcquire(4), both.tryAcquire(3)]).toEqual([false, true]);
  });

  it('reserves from each for the moment at which all have enough', () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 1, 2)];
    const both = allOf(one, other);
    both.tryAcquire(2);
    expect(both.reserve(2)?.delayMs).toBe(2_000);
    expect(one.peek().retryAfterMs).toBe(2_000);
  });

  it.each<[string, () => RateLimiter]>([
    ['TokenBucket', () => bucket('one', 10, 2)],
    ['Gcra', () => new Gcra({ limit: 10, windowMs: 1_000, burst: 2, clock })],
    ['LeakyBucket', () => new LeakyBucket({ ratePerSecond: 10, capacity: 9, clock })],
    ['SlidingWindowLog', () => new SlidingWindowLog({ limit: 2, windowMs: 200, clock })],
  ])(
    'gives back to a %s at the very time what it would alone: nothing that later reservations stand on',
    async (_, make) => {
      const seen: unknown[] = [];
      for (const limiter of [make(), make()]) {
        const asked = seen.length === 0 ? limiter : allOf(limiter, bucket('other', 1_000, 9));
        const first = asked.reserve(2);
        const later = limiter.reserve(2);
        first?.cancel();
        seen.push([later?.delayMs, limiter.peek(0), limiter.peek(2).retryAfterMs]);
        await clock.advance(200);
        seen.push(limiter.tryAcquire(2));
      }
      expect(seen.slice(2)).toEqual(seen.slice(0, 2));
    },
  );

  it('reserves from those of another copy that have something, and gives back to them', () => {
    const one = bucket('one', 10, 5);
    const both = allOf(one, foreign(new LeakyBucket({ ratePerSecond: 10, capacity: 1, clock })));
    both.tryAcquire();
    const reservation = both.reserve();
    expect(reservation?.delayMs).toBe(100);
    reservation?.cancel();
    expect(one.peek(0)).toMatchObject({ allowed: true, remaining: 4 });
  });

  it('believes a timer that comes before its time by the clock', async () => {
    let fire: (() => void) | undefined;
    const apart = {
      now: () => 0,
      setTimeout: (fn: () => void) => {
        fire = fn;
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const empty = { ratePerSecond: 10, burst: 1, initial: 0, clock: apart };
    const both = allOf(new TokenBucket(empty), new TokenBucket(empty));
    let served = 0;
    const waits = [both.acquire(), both.acquire()].map((wait) => wait.then(() => (served += 1)));
    for (let n = 0; n < 2; n++) {
      fire?.();
      await clock.advance(0);
    }
    expect(served).toBe(2);
    await Promise.all(waits);
  });

  it('hears when one of them changes, or gets something back', async () => {
    const [one, other] = [bucket('one', 10, 1), bucket('other', 0, 1)];
    const both = allOf(one, other);
    both.tryAcquire();
    const log: number[] = [];
    for (let n = 0; n < 2; n++) void both.acquire().then(() => log.push(clock.now() - 1_000));
    await clock.advance(5_000);
    expect([log, clock.pending]).toEqual([[], 0]);
    other.update({ ratePerSecond: 10 });
    await clock.advance(100);
    expect(log).toEqual([5_100]);
    other.update({ ratePerSecond: 0.001 });
    await clock.advance(1_000);
    other.update({ ratePerSecond: 1_000 });
    await clock.advance(1_000);
    expect(log.length).toBe(2);
  });

  it('gives way to those who wait for one of them, and is not overtaken in its own line', async () => {
    const [one, other] = [bucket('one', 10, 2), bucket('other', 100, 2)];
    const both = allOf(one, other);
    one.tryAcquire(2);
    const log: string[] = [];
    void one.acquire(2).then(() => log.push('one'));
    void both.acquire().then(() => log.push('both'));
    expect(both.tryAcquire()).toBe(false);
    expect(both.peek().retryAfterMs).toBeCloseTo(400);
    await clock.advance(299);
    expect(log).toEqual(['one']);
    await clock.advance(1);
    expect(log).toEqual(['one', 'both']);
  });

  it('leaves nothing taken when its caller gives up', async () => {
    const [one, other] = [bucket('one', 10, 5), bucket('other', 1, 1)];
    const both = allOf(one, other);
    both.tryAcquire();
    const ctx = withCancel();
    const wait = both.acquire(1, { signal: ctx });
    ctx.cancel('no');
    await expect(wait).rejects.toBe('no');
    expect([one.tokens, other.tokens]).toEqual([4, 0]);
  });

  it('refuses what comes after the longest wait, foreseeing those before', async () => {
    const both = allOf(bucket('one', 10, 1), new FixedWindow({ limit: 1, windowMs: 1_000, clock }));
    both.tryAcquire();
    const first = both.acquire();
    await expect(both.acquire(1, { maxWaitMs: 1_999 })).rejects.toMatchObject({
      reason: 'max-wait',
      retryAfterMs: 2_000,
    });
    const second = both.acquire(1, { maxWaitMs: 2_000 });
    await clock.advance(2_000);
    await Promise.all([first, second]);
  });

  it('takes one that is given twice for one, also where it is one of several that are given', () => {
    const one = bucket('one', 10, 5);
    const inner = allOf(one, bucket('other', 10, 9));
    const all = allOf(one, inner, allOf(inner, bucket('third', 10, 9)), one);
    expect(all.tryAcquire(2)).toBe(true);
    expect(one.tokens).toBe(3);
    expect(all.check(3).decisions).toMatchObject([
      { allowed: true, remaining: 0, policy: { name: 'one' } },
      { allowed: true, remaining: 4, policy: { name: 'other' } },
      { allowed: true, remaining: 4, policy: { name: 'third' } },
    ]);
    expect([all.check().allowed, all.peek().allowed, all.tryAcquire(), one.tokens]).toEqual([false, false, false, 0]);
  });

  it('overtakes nobody who waits for several that are among them, and moves up when he leaves', async () => {
    const one = bucket('one', 10, 2);
    const inner = allOf(one, bucket('two', 1_000, 5));
    const outer = allOf(allOf(inner, bucket('three', 1_000, 5)), bucket('four', 1_000, 5));
    one.tryAcquire();
    const controller = new AbortController();
    const large = expect(inner.acquire(2, { signal: controller.signal })).rejects.toBe('left');
    expect([outer.tryAcquire(), outer.check().allowed, one.tokens]).toEqual([false, false, 1]);
    let servedAtMs = NaN;
    const small = outer.acquire().then(() => (servedAtMs = clock.now()));
    await clock.advance(50);
    controller.abort('left');
    await Promise.all([large, small]);
    expect(servedAtMs).toBe(1_050);
  });

  it('lets nobody wait too long behind one of another copy, of which less was foreseen', async () => {
    const other = bucket('other', 10, 5);
    other.tryAcquire(5);
    const both = allOf(bucket('one', Infinity, 5), foreign(other));
    const large = both.acquire(5);
    let refusedAtMs = NaN;
    const small = both.acquire(1, { maxWaitMs: 200 }).finally(() => (refusedAtMs = clock.now()));
    const refused = expect(small).rejects.toMatchObject({ reason: 'max-wait', retryAfterMs: 300 });
    await clock.advance(500);
    await Promise.all([large, refused]);
    expect(refusedAtMs).toBe(1_200);
  });

  it('reserves behind those who wait for several that are among them, and not before', async () => {
    const one = bucket('one', 10, 1);
    const inner = allOf(one, bucket('two', 1_000, 5));
    const outer = allOf(inner, bucket('three', 1_000, 5));
    inner.tryAcquire();
    const log: number[] = [];
    void inner.acquire().then(() => log.push(clock.now() - 1_000));
    expect([outer.tryAcquire(), outer.reserve()?.delayMs]).toEqual([false, 200]);
    await clock.advance(150);
    expect([log, outer.reserve()?.delayMs, one.tokens]).toEqual([[100], 150, -1.5]);
  });

  /** What is used when, if somebody tries every millisecond to take one directly as well. */
  async function followUse(limiter: RateLimiter, reservation: Reservation | undefined): Promise<[string, number][]> {
    const used: [string, number][] = [];
    void reservation?.wait().then(() => used.push(['reserved', clock.now() - 1_000]));
    for (let ms = 0; ms < 320; ms++) {
      if (limiter.tryAcquire()) used.push(['direct', clock.now() - 1_000]);
      await clock.advance(1);
    }
    return used;
  }

  describe.each<[string, () => RateLimiter]>([
    ['TokenBucket', () => bucket('one', 10, 1)],
    ['Gcra', () => new Gcra({ limit: 1, windowMs: 100, clock })],
    ['LeakyBucket', () => new LeakyBucket({ ratePerSecond: 10, capacity: 9, clock })],
    ['FixedWindow', () => new FixedWindow({ limit: 1, windowMs: 100, clock })],
    ['SlidingWindowLog', () => new SlidingWindowLog({ limit: 1, windowMs: 100, clock })],
  ])('of a %s', (_, make) => {
    const big = (): RateLimiter => bucket('other', 1_000, 100);

    it.each([
      ['the limiter itself', (limiter: RateLimiter) => [allOf(limiter, big()), limiter] as const],
      [
        'others that share the limiter',
        (limiter: RateLimiter) => [allOf(big(), limiter), allOf(big(), limiter)] as const,
      ],
    ])('keeps what it reserved behind somebody who has left from %s', async (_who, share) => {
      const [both, direct] = share(make());
      both.tryAcquire();
      const ctx = withCancel();
      const gone = expect(both.acquire(1, { signal: ctx })).rejects.toBe('left');
      const reservation = both.reserve();
      ctx.cancel('left');
      await gone;
      expect(await followUse(direct, reservation)).toEqual([
        ['reserved', 200],
        ['direct', 300],
      ]);
    });

    it('keeps what it reserved behind those who wait for several that are among them', async () => {
      const limiter = make();
      const inner = allOf(limiter, big());
      const outer = allOf(inner, big());
      inner.tryAcquire();
      const served = inner.acquire().then(() => clock.now() - 1_000);
      const reservation = outer.reserve();
      expect(reservation?.delayMs).toBe(200);
      expect(await followUse(limiter, reservation)).toEqual([
        ['reserved', 200],
        ['direct', 300],
      ]);
      expect(await served).toBe(100);
    });

    it('counts what it reserved at its time, whoever looks, and however late', async () => {
      const limiter = make();
      const inner = allOf(limiter, big());
      const outer = allOf(inner, big());
      inner.tryAcquire();
      const served = inner.acquire();
      outer.reserve();
      await clock.advance(60_000);
      await served;
      expect([limiter.peek().allowed, outer.peek().allowed]).toEqual([true, true]);
    });
  });

  it.each([
    ['', 0],
    [', also where another limit is to be asked first', 1],
  ])('lets a reservation keep its time, and whoever waits before it go after it%s', async (_, first) => {
    const log = new SlidingWindowLog({ limit: 1, windowMs: 100, clock });
    const other = bucket('other', 20, 2);
    const both = first === 0 ? allOf(log, other) : allOf(other, log);
    both.tryAcquire();
    const used: [string, number][] = [];
    void both.acquire().then(() => used.push(['waiter', clock.now() - 1_000]));
    const reservation = both.reserve();
    void reservation?.wait().then(() => used.push(['reserved', clock.now() - 1_000]));
    expect(reservation?.delayMs).toBe(200);
    // So that the waiter could go at 150, and not at 100.
    other.tryAcquire();
    for (let n = 0; n < 2; n++) other.reserve();
    await clock.advance(1_000);
    expect(used).toEqual([
      ['reserved', 200],
      ['waiter', 300],
    ]);
  });

  it('lets nobody who asks directly take what it reserved behind those who wait', async () => {
    const log = new SlidingWindowLog({ limit: 1, windowMs: 100, clock });
    const slow = bucket('slow', 10, 2);
    const both = allOf(log, slow);
    both.tryAcquire();
    for (const permits of [2, 1]) slow.reserve(permits);
    // At 300, and 400; the log is free from 100 on.
    const ctx = withCancel();
    const gone = expect(both.acquire(1, { signal: ctx })).rejects.toBe('left');
    const reservation = both.reserve();
    expect(reservation?.delayMs).toBe(400);
    await clock.advance(250);
    expect([log.tryAcquire(), log.check().allowed, log.peek().retryAfterMs]).toEqual([true, false, 250]);
    await clock.advance(100);
    // Another one would be in the way of what is reserved.
    expect([log.tryAcquire(), log.check().allowed, log.peek().retryAfterMs]).toEqual([false, false, 150]);
    expect(log.reserve()?.delayMs).toBe(150);
    ctx.cancel('left');
    await gone;
  });

  it('lets nobody who has come later, and waits for one of them, go before what it reserved when others leave', async () => {
    const log = new SlidingWindowLog({ limit: 2, windowMs: 100, clock });
    const both = allOf(log, bucket('other', 1_000, 100));
    log.tryAcquire();
    const ctx = withCancel();
    const gone = expect(both.acquire(2, { signal: ctx })).rejects.toBe('left');
    expect(both.reserve(2)?.delayMs).toBe(200);
    // At 100, and so before; the others would be in its way.
    expect(log.reserve(2)?.delayMs).toBe(100);
    const served = [0, 0].map(() => log.acquire().then(() => clock.now() - 1_000));
    ctx.cancel('left');
    await gone;
    await clock.advance(1_000);
    expect(await Promise.all(served)).toEqual([300, 300]);
  });

  it('lets those who ask directly go sooner when what it reserved behind others is canceled', async () => {
    const log = new SlidingWindowLog({ limit: 1, windowMs: 100, clock });
    const slow = bucket('slow', 10, 2);
    const both = allOf(log, slow);
    for (const permits of [2, 2]) slow.reserve(permits);
    const other = both.acquire();
    const reservation = both.reserve();
    expect(reservation?.delayMs).toBe(400);
    await clock.advance(290);
    log.tryAcquire();
    const served = log.acquire().then(() => clock.now() - 1_000);
    reservation?.cancel();
    await clock.advance(1_000);
    expect(await served).toBe(390);
    await other;
  });

  it('counts what it reserved at its time, also while those before it still wait', async () => {
    const log = new SlidingWindowLog({ limit: 1, windowMs: 100, clock });
    const other = bucket('other', 1, 2);
    const both = allOf(log, other);
    both.tryAcquire();
    const served = both.acquire().then(() => clock.now() - 1_000);
    const reservation = both.reserve();
    expect(reservation?.delayMs).toBe(1_000);
    for (let n = 0; n < 3; n++) other.reserve();
    await clock.advance(1_000);
    expect([log.tryAcquire(), log.peek().retryAfterMs]).toEqual([false, 100]);
    await clock.advance(99);
    expect(log.tryAcquire()).toBe(false);
    await clock.advance(1);
    expect(log.tryAcquire()).toBe(true);
    await clock.advance(10_000);
    expect(await served).toBeGreaterThan(3_000);
  });

  it('takes nothing from those of another copy to foresee how long somebody would wait', async () => {
    const other = bucket('other', 1, 9);
    const both = allOf(bucket('one', 10, 1), foreign(other));
    both.tryAcquire();
    const waits = [both.acquire(), both.acquire()];
    expect(both.peek().retryAfterMs).toBeCloseTo(300);
    expect(other.tokens).toBe(8);
    await clock.advance(200);
    await Promise.all(waits);
    expect(other.tokens).toBeCloseTo(6.2);
  });

  it('says the same of all of them as of each, by a clock that goes on while it is asked', () => {
    let ms = 0;
    const ticking = new ManualClock();
    jest.spyOn(ticking, 'now').mockImplementation(() => (ms += 0.003));
    const options = { ratePerSecond: 100_000, burst: 1, clock: ticking };
    const both = allOf(new TokenBucket(options), new TokenBucket(options));
    const seen = new Set<boolean>();
    for (let n = 0; n < 100; n++) {
      for (const { allowed, decisions } of [both.peek(), both.check()]) {
        expect(decisions?.every((decision) => decision.allowed)).toBe(allowed);
        seen.add(allowed);
      }
    }
    expect(seen.size).toBe(2);
  });

  it('lets nobody wait too long behind somebody whom others starve', async () => {
    const [one, other] = [bucket('one', 0, 5), bucket('other', 10, 1)];
    const both = allOf(one, other);
    other.tryAcquire();
    const controller = new AbortController();
    const starved = expect(both.acquire(1, { signal: controller.signal })).rejects.toBe('left');
    let refusedAtMs = NaN;
    const behind = expect(
      both.acquire(1, { maxWaitMs: 300 }).finally(() => (refusedAtMs = clock.now())),
    ).rejects.toMatchObject({ reason: 'max-wait', retryAfterMs: Infinity });
    one.tryAcquire(5);
    await clock.advance(1_000);
    await behind;
    expect(refusedAtMs).toBe(1_300);
    controller.abort('left');
    await starved;
  });

  it('works with clocks that began at different times', async () => {
    const late = new ManualClock(0);
    const both = allOf(bucket('one', 10, 1), new SlidingWindowLog({ limit: 1, windowMs: 50, clock: late }));
    expect([both.tryAcquire(), both.tryAcquire()]).toEqual([true, false]);
    expect(both.peek().retryAfterMs).toBeCloseTo(100);
    await clock.advance(100);
    expect(both.peek()).toMatchObject({ allowed: false, retryAfterMs: 50 });
    late.ms = 50;
    expect(both.tryAcquire()).toBe(true);
  });

  it('undoes what it took from the first when the second refuses, for every algorithm', () => {
    const none = bucket('none', 1, 1);
    none.tryAcquire();
    const windows = { limit: 5, windowMs: 100, clock };
    const limiters = [
      bucket('one', 10, 5),
      new Gcra(windows),
      new FixedWindow(windows),
      new SlidingWindowLog(windows),
      new SlidingWindowCounter(windows),
      new LeakyBucket({ ratePerSecond: 10, capacity: 5, slack: 2, clock }),
    ];
    for (const limiter of limiters) {
      const before = limiter.peek();
      expect(allOf(limiter, none).tryAcquire()).toBe(false);
      expect(limiter.peek()).toEqual(before);
      limiter.tryAcquire();
      const after = limiter.peek();
      expect(allOf(limiter, none).tryAcquire()).toBe(false);
      expect(limiter.peek()).toEqual(after);
    }
    const unlimited = bucket('unlimited', Infinity, 5);
    expect(allOf(unlimited, none).tryAcquire()).toBe(false);
    expect(unlimited.tokens).toBe(5);
  });

  it('shows the time to all of them, also when the first one refuses', () => {
    const manual = new ManualClock(1_000);
    const both = allOf(
      new TokenBucket({ ratePerSecond: 10, burst: 5, clock: manual }),
      new SlidingWindowLog({ limit: 4, windowMs: 600, clock: manual }),
    );
    expect(both.tryAcquire(3)).toBe(true);
    manual.ms = 1_001;
    expect(both.tryAcquire(3)).toBe(false);
    manual.ms = 756;
    // Taken at 1 001, and not before.
    expect(both.tryAcquire(1)).toBe(true);
    manual.ms = 1_600;
    expect(both.tryAcquire(4)).toBe(false);
    manual.ms = 1_601;
    expect(both.tryAcquire(4)).toBe(true);
  });

  it('comes sooner when somebody in the middle of a line before it leaves', async () => {
    const one = bucket('one', 10, 2);
    const both = allOf(one, bucket('two', 1_000, 2));
    one.tryAcquire(2);
    const first = one.acquire(1);
    const controller = new AbortController();
    const middle = one.acquire(2, { signal: controller.signal });
    let servedAtMs = NaN;
    const last = both.acquire(1).then(() => (servedAtMs = clock.now()));
    controller.abort(new Error('left'));
    await expect(middle).rejects.toThrow('left');
    await clock.advance(1_000);
    await Promise.all([first, last]);
    expect(servedAtMs).toBe(1_200);
  });

  it('needs at least one', () => {
    expect(() => (allOf as (...none: unknown[]) => unknown)()).toThrow('allOf needs at least one limiter');
  });

  it.each([undefined, null, 5, {}, { tryAcquire: () => true, peek: () => undefined }])(
    'does not take %p for a limiter',
    (wrong) => {
      const make = (): unknown => allOf(bucket('one', 10, 5), wrong as never);
      expect(make).toThrow(TypeError);
      expect(make).toThrow('limiters[1] must be a rate limiter, got ');
    },
  );
});
