import { failOnLeaks } from '@patterns-tools/test-kit';
import { CanceledError, withCancel, withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import {
  FixedWindow,
  Gcra,
  LeakyBucket,
  RateLimitError,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  type RateLimiter,
  type Reservation,
} from '@patterns/ratelimit';

failOnLeaks();

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock({ now: 1_000 });
});
afterEach(() => {
  expect(clock.pending).toBe(0);
});

const reserve = (limiter: RateLimiter, permits?: number): Reservation => {
  const reservation = limiter.reserve(permits);
  if (reservation === undefined) throw new Error('nothing reserved');
  return reservation;
};

/** Two permits at once, and a permit every 100 ms. */
const bucket = (burst: number = 2): TokenBucket => new TokenBucket({ ratePerSecond: 10, burst, clock });

describe('reserve', () => {
  it('takes at once what may be used later', () => {
    const limiter = bucket();
    expect([reserve(limiter, 2), reserve(limiter, 2), reserve(limiter)].map(({ delayMs }) => delayMs)).toEqual([
      0, 200, 300,
    ]);
    expect(limiter.tokens).toBe(-3);
    expect([limiter.tryAcquire(), limiter.tryAcquire(0)]).toEqual([false, false]);
  });

  it('takes nothing that would come later than is asked', () => {
    const limiter = bucket();
    limiter.tryAcquire(2);
    expect(limiter.reserve(1, { maxWaitMs: 99 })).toBeUndefined();
    expect(limiter.reserve(1, { maxWaitMs: 0 })).toBeUndefined();
    expect(limiter.tokens).toBe(0);
    expect(limiter.reserve(1, { maxWaitMs: 100 })?.delayMs).toBe(100);
  });

  it('is not bound by what bounds those who wait', () => {
    const limiter = new TokenBucket({ ratePerSecond: 10, burst: 1, maxQueue: 0, maxWaitMs: 0, clock });
    expect([reserve(limiter), reserve(limiter), reserve(limiter)].map(({ delayMs }) => delayMs)).toEqual([0, 100, 200]);
  });

  it('counts down', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const reservation = reserve(limiter, 2);
    await clock.advance(150);
    expect(reservation.delayMs).toBe(50);
    await clock.advance(50);
    expect(reservation.delayMs).toBe(0);
    await clock.advance(50);
    expect(reservation.delayMs).toBe(0);
  });

  it('stands behind those who wait, and keeps its time when they leave; what it stands on is not given away twice', async () => {
    const limiter = new TokenBucket({ ratePerSecond: 5, burst: 5, initial: 0, clock });
    const ctx = withCancel();
    const gone = limiter.acquire(5, { signal: ctx }).catch((error: unknown) => error);
    const reservation = reserve(limiter, 5);
    expect(reservation.delayMs).toBe(2_000);
    const behind = limiter.acquire(5).then(() => clock.now() - 1_000);
    await clock.advance(500);
    ctx.cancel();
    expect(reservation.delayMs).toBe(1_500);
    expect(limiter.peek(5).retryAfterMs).toBe(3_500);
    await clock.advance(10_000);
    // Not at 2 000 as well: that would be ten at once, with a burst of five.
    await expect(behind).resolves.toBe(3_000);
    await gone;
  });
});

describe('a reservation behind callers that have left', () => {
  it('is owed now what will not have accrued by then', async () => {
    const limiter = new TokenBucket({ ratePerSecond: 10, burst: 5, initial: 3, clock });
    const ctx = withCancel();
    const gone = expect(limiter.acquire(5, { signal: ctx })).rejects.toBe('left');
    expect([reserve(limiter).delayMs, limiter.tokens]).toEqual([300, -3]);
    ctx.cancel('left');
    await gone;
    // Full by then, less one; and three of these are yet to come.
    expect(limiter.tokens).toBe(1);
    await clock.advance(200);
    limiter.update({ ratePerSecond: Infinity });
    expect(limiter.tokens).toBe(5);
    limiter.update({ ratePerSecond: 10 });
    expect(limiter.tokens).toBe(3);
    await clock.advance(100);
    expect(limiter.tokens).toBe(4);
  });

  it.each([
    ['TokenBucket', () => new TokenBucket({ ratePerSecond: 10, burst: 2, initial: 0, clock })],
    ['Gcra', () => new Gcra({ limit: 2, windowMs: 200, clock })],
    ['LeakyBucket', () => new LeakyBucket({ ratePerSecond: 10, capacity: 10, clock })],
  ])('takes its permits at its time, not when somebody looks: %s', async (_, make) => {
    const limiter = make();
    limiter.tryAcquire(2);
    const ctx = withCancel();
    const gone = limiter.acquire(2, { signal: ctx }).catch(() => undefined);
    reserve(limiter, 2);
    ctx.cancel();
    await gone;
    await clock.advance(10_000);
    expect(limiter.peek(0)).toMatchObject({ allowed: true, resetMs: 0 });
  });
});

describe('cancel', () => {
  it('gives back all when nobody has reserved since', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const last = reserve(limiter, 2);
    await clock.advance(100);
    last.cancel();
    expect(reserve(limiter, 2).delayMs).toBe(100);
  });

  it('gives back less what later reservations stand on', async () => {
    const limiter = bucket(4);
    reserve(limiter, 4);
    const canceled = reserve(limiter, 3);
    expect(reserve(limiter, 1).delayMs).toBe(400);
    await clock.advance(100);
    canceled.cancel();
    expect(reserve(limiter, 3).delayMs).toBe(400);
  });

  it('gives back nothing when later reservations stand on all of it', () => {
    const limiter = bucket(4);
    reserve(limiter, 4);
    const canceled = reserve(limiter, 2);
    reserve(limiter, 4);
    const { tokens } = limiter;
    canceled.cancel();
    expect(limiter.tokens).toBe(tokens);
  });

  it('at its very time gives back, and after it does not', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const [one, other] = [reserve(limiter, 1), reserve(limiter, 1)];
    await clock.advance(200);
    other.cancel();
    expect(limiter.tokens).toBeCloseTo(1);
    one.cancel();
    expect(limiter.tokens).toBeCloseTo(1);
  });

  it('gives back once', () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const reservation = reserve(limiter, 1);
    reservation.cancel();
    reservation.cancel();
    reservation.settle(0);
    expect(limiter.tokens).toBe(0);
  });

  it('never fills above the burst, and goes by the rate of today', async () => {
    const limiter = bucket(4);
    reserve(limiter, 4);
    const canceled = reserve(limiter, 4);
    reserve(limiter, 1);
    limiter.update({ ratePerSecond: 20 });
    canceled.cancel();
    // 100 ms later there is one more, and that is two permits by now.
    expect(limiter.tokens).toBe(-3);
    await clock.advance(10_000);
    expect(limiter.tokens).toBe(4);
  });

  it('lets those who wait move up', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const reservation = reserve(limiter, 2);
    const served = limiter.acquire().then(() => clock.now() - 1_000);
    await clock.advance(10);
    reservation.cancel();
    await clock.advance(1_000);
    await expect(served).resolves.toBe(100);
  });
});

describe.each<[string, (burst: number) => TokenBucket | Gcra]>([
  ['TokenBucket', bucket],
  ['Gcra', (burst) => new Gcra({ limit: 10, windowMs: 1_000, burst, clock })],
])('cancel of a %s', (_, make) => {
  const fullInMs = (limiter: RateLimiter): number => limiter.peek(0).resetMs;

  it('gives back what no later one stands on, in whatever order they are canceled', () => {
    const limiter = make(4);
    reserve(limiter, 4);
    const [first, second, third] = [reserve(limiter, 3), reserve(limiter, 1), reserve(limiter, 1)];
    expect([first.delayMs, second.delayMs, third.delayMs, fullInMs(limiter)]).toEqual([300, 400, 500, 900]);
    const left: number[] = [];
    for (const reservation of [first, second, third]) {
      reservation.cancel();
      left.push(fullInMs(limiter));
    }
    expect(left).toEqual([800, 800, 700]);
  });

  it('takes nothing where later ones stand on more than it had', () => {
    const limiter = make(4);
    reserve(limiter, 4);
    const [first] = [reserve(limiter, 1), reserve(limiter, 1), reserve(limiter, 1)];
    first.cancel();
    expect(fullInMs(limiter)).toBe(700);
  });

  it('makes the one before it the last one, unless that was in the past', async () => {
    const limiter = make(4);
    reserve(limiter, 4);
    reserve(limiter, 2).cancel();
    reserve(limiter, 1).cancel();
    expect(fullInMs(limiter)).toBe(400);
    const late = make(4);
    reserve(late, 4);
    const last = reserve(late, 2);
    await clock.advance(50);
    last.cancel();
    reserve(late, 1).cancel();
    expect(fullInMs(late)).toBe(450);
  });

  it('gives back no more than it took when the rate has changed', () => {
    const limiter = make(4);
    reserve(limiter, 4);
    const [first, last] = [reserve(limiter, 1), reserve(limiter, 1)];
    if (limiter instanceof Gcra) limiter.update({ limit: 6, burst: 4 });
    else limiter.update({ ratePerSecond: 6 });
    last.cancel();
    first.cancel();
    expect(fullInMs(limiter)).toBeCloseTo((4 / 6) * 1_000);
  });
});

describe('update', () => {
  it('leaves reservations their times', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const reservation = reserve(limiter, 2);
    await clock.advance(100);
    limiter.update({ ratePerSecond: 1 });
    expect(reservation.delayMs).toBe(100);
    limiter.update({ ratePerSecond: 1_000 });
    expect(reservation.delayMs).toBe(100);
  });
});

describe('wait', () => {
  it('resolves when its time has come', async () => {
    const limiter = bucket();
    await reserve(limiter, 2).wait();
    const waits = reserve(limiter)
      .wait()
      .then(() => clock.now() - 1_000);
    await clock.advance(100);
    await expect(waits).resolves.toBe(100);
  });

  it('rejects with the reason when its signal ends, and cancels', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const ctx = withCancel();
    const waits = reserve(limiter, 2).wait({ signal: ctx });
    const reason = new Error('gave up');
    ctx.cancel(reason);
    await expect(waits).rejects.toBe(reason);
    await expect(reserve(limiter).wait({ signal: ctx })).rejects.toBe(reason);
    expect(limiter.tokens).toBe(0);
  });

  it('refuses at once what comes after the deadline, and cancels; exactly at it is in time', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const late = reserve(limiter, 2);
    const error = await late
      .wait({ signal: withTimeout(undefined, 199, { clock }) })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ reason: 'deadline', retryAfterMs: 200 });
    expect(limiter.tokens).toBe(0);
    const exact = reserve(limiter).wait({ signal: withTimeout(undefined, 100, { clock }) });
    await clock.advance(200);
    await exact;
  });

  it('rejects when somebody cancels it meanwhile, or has before', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const reservation = reserve(limiter);
    const waits = [reservation.wait(), reservation.wait()];
    reservation.cancel();
    for (const wait of [...waits, reservation.wait()]) await expect(wait).rejects.toBeInstanceOf(CanceledError);
    await expect(reservation.wait()).rejects.toThrow('the reservation was canceled');
  });

  it('rejects misuse', async () => {
    await expect(reserve(bucket()).wait({ signal: null as never })).rejects.toThrow('signal must be ');
  });
});

describe('settle', () => {
  it('gives back the rest', () => {
    const limiter = bucket(5);
    reserve(limiter, 4).settle(1);
    expect(limiter.tokens).toBe(4);
  });

  it('takes more, into debt', () => {
    const limiter = bucket(5);
    reserve(limiter, 4).settle(8);
    expect(limiter.tokens).toBe(-3);
    expect(limiter.check()).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 400 });
  });

  it('after its time gives all of the rest back, before it what later ones do not stand on', () => {
    const limiter = bucket();
    const now = reserve(limiter, 2);
    reserve(limiter, 1);
    now.settle(0);
    expect(limiter.tokens).toBe(1);
    const other = bucket(4);
    reserve(other, 4);
    const later = reserve(other, 3);
    reserve(other, 1);
    later.settle(1);
    expect(other.tokens).toBe(-3);
  });

  it('of a limiter that has become unlimited gives nothing back, and of one that was takes what it is now', () => {
    const limiter = bucket();
    reserve(limiter, 2);
    const reservation = reserve(limiter, 2);
    limiter.update({ ratePerSecond: Infinity });
    reservation.cancel();
    expect(limiter.tokens).toBe(-2);
    const free = new TokenBucket({ ratePerSecond: Infinity, burst: 3, clock });
    const [over, under] = [reserve(free, 50), reserve(free, 50)];
    free.update({ ratePerSecond: 10 });
    under.settle(1);
    expect(free.tokens).toBe(3);
    over.settle(52);
    expect(free.tokens).toBe(1);
  });

  it('makes those who wait wait longer, or less', async () => {
    const limiter = bucket();
    const [more, less] = [reserve(limiter), reserve(limiter)];
    const served = limiter.acquire().then(() => clock.now() - 1_000);
    more.settle(4);
    await clock.advance(200);
    less.settle(0);
    await clock.advance(1_000);
    await expect(served).resolves.toBe(300);
  });

  it('counts once, and not after cancel', () => {
    const limiter = bucket(5);
    const [one, other] = [reserve(limiter, 2), reserve(limiter, 2)];
    one.settle(1);
    one.settle(5);
    one.cancel();
    other.cancel();
    other.settle(5);
    expect(limiter.tokens).toBe(4);
  });

  it('takes whole permits only', () => {
    const limiter = bucket(5);
    const reservation = reserve(limiter, 2);
    expect(() => {
      reservation.settle(-1);
    }).toThrow(RangeError);
    reservation.settle(0);
    expect(limiter.tokens).toBe(5);
  });

  it('before its time holds for the time to come', async () => {
    const limiter = bucket();
    reserve(limiter, 2);
    reserve(limiter, 2).settle(1);
    expect(limiter.tokens).toBe(-1);
    await clock.advance(100);
    expect(limiter.tokens).toBeCloseTo(0);
  });
});

describe.each<[string, (limit: number) => RateLimiter, (limiter: never, limit: number) => void]>([
  [
    'TokenBucket',
    (ratePerSecond) => new TokenBucket({ ratePerSecond, burst: 5, clock }),
    (limiter: TokenBucket, ratePerSecond) => {
      limiter.update({ ratePerSecond });
    },
  ],
  [
    'Gcra',
    (limit) => new Gcra({ limit, windowMs: 1_000, burst: 5, clock }),
    (limiter: Gcra, limit) => {
      limiter.update({ limit });
    },
  ],
  [
    'SlidingWindowLog',
    (limit) => new SlidingWindowLog({ limit, windowMs: 1_000, clock }),
    (limiter: SlidingWindowLog, limit) => {
      limiter.update({ limit });
    },
  ],
  [
    'LeakyBucket',
    (ratePerSecond) => new LeakyBucket({ ratePerSecond, capacity: 5, clock }),
    (limiter: LeakyBucket, ratePerSecond) => {
      limiter.update({ ratePerSecond });
    },
  ],
])('a reservation of the time when a %s had no limit', (_, make, limitTo) => {
  it.each<[string, (reservation: Reservation) => void]>([
    [
      'is canceled',
      (reservation) => {
        reservation.cancel();
      },
    ],
    [
      'is settled',
      (reservation) => {
        reservation.settle(0);
      },
    ],
  ])('gives nothing back when it %s', (_, end) => {
    const limiter = make(Infinity);
    const reservation = reserve(limiter, 5);
    limitTo(limiter as never, 5);
    limiter.tryAcquire(5);
    const before = limiter.peek(5);
    expect(before.allowed).toBe(false);
    end(reservation);
    expect(limiter.peek(5)).toEqual(before);
  });

  it('takes what it turns out to cost beyond', () => {
    const limiter = make(Infinity);
    const reservation = reserve(limiter, 5);
    limitTo(limiter as never, 5);
    const before = limiter.peek(5).retryAfterMs;
    reservation.settle(6);
    expect(limiter.peek(5).retryAfterMs).toBeGreaterThan(before);
  });
});

describe('windows', () => {
  const windows = { limit: 5, windowMs: 100 };
  const left = (limiter: RateLimiter): number => limiter.peek(0).remaining;

  it('fixed: gives back to the window of which it was, and to no other', async () => {
    const limiter = new FixedWindow({ ...windows, clock });
    const early = reserve(limiter, 3);
    await clock.advance(150);
    limiter.tryAcquire(2);
    early.settle(0);
    expect(left(limiter)).toBe(3);
    reserve(limiter, 2).settle(1);
    expect(left(limiter)).toBe(2);
    const gone = reserve(limiter, 2);
    await clock.advance(100);
    gone.settle(0);
    expect(left(limiter)).toBe(5);
  });

  it('fixed: a window of which all is given back is not open', async () => {
    const limiter = new FixedWindow({ ...windows, clock });
    reserve(limiter, 2).settle(0);
    await clock.advance(50);
    limiter.tryAcquire(5);
    await clock.advance(99);
    expect(limiter.tryAcquire()).toBe(false);
    await clock.advance(1);
    expect(limiter.tryAcquire()).toBe(true);
  });

  it('a sliding log: gives back permits of its own moment', async () => {
    const limiter = new SlidingWindowLog({ ...windows, clock });
    // So that the ring has turned.
    limiter.tryAcquire(5);
    await clock.advance(100);
    limiter.tryAcquire(1);
    await clock.advance(10);
    const reservation = reserve(limiter, 3);
    await clock.advance(10);
    limiter.tryAcquire(1);
    await clock.advance(10);
    reservation.settle(1);
    const seen: number[] = [left(limiter)];
    for (const ms of [69, 1, 9, 1, 9, 1]) {
      await clock.advance(ms);
      seen.push(left(limiter));
    }
    expect(seen).toEqual([2, 2, 3, 3, 4, 4, 5]);
    limiter.tryAcquire(2);
    reserve(limiter, 2).settle(1);
    expect(left(limiter)).toBe(2);
  });

  it.each<[string, () => FixedWindow | SlidingWindowLog]>([
    ['a fixed window', () => new FixedWindow({ ...windows, clock })],
    ['a sliding log', () => new SlidingWindowLog({ ...windows, clock })],
  ])('%s owes all that was used beyond, also once something is given back, or the limit grows', (_, make) => {
    const limiter = make();
    const [more, none] = [reserve(limiter, 2), reserve(limiter, 3)];
    more.settle(100);
    none.settle(0);
    expect(limiter.tryAcquire()).toBe(false);
    limiter.update({ limit: 50 });
    expect(limiter.tryAcquire(0)).toBe(false);
    limiter.update({ limit: 101 });
    expect([limiter.tryAcquire(2), limiter.tryAcquire()]).toEqual([false, true]);
  });

  it('a sliding log: gives back also what counts as of a later moment, as there are so many', async () => {
    const limiter = new SlidingWindowLog({ limit: 2, windowMs: 100, clock });
    const early = reserve(limiter, 2);
    const charged = Array.from({ length: 4 }, () => reserve(limiter, 0));
    for (const one of charged) {
      await clock.advance(10);
      one.settle(1);
    }
    // Six, in three moments.
    early.settle(0);
    limiter.update({ limit: 5 });
    expect([limiter.tryAcquire(2), limiter.tryAcquire()]).toEqual([false, true]);
  });

  it('a sliding counter: gives back to this window or the one before', async () => {
    const limiter = new SlidingWindowCounter({ limit: 10, windowMs: 100, clock });
    const first = reserve(limiter, 4);
    await clock.advance(120);
    first.settle(1);
    // 0.8 of it is still there.
    expect(left(limiter)).toBe(9);
    reserve(limiter, 3).settle(1);
    expect(left(limiter)).toBe(8);
    const old = reserve(limiter, 2);
    await clock.advance(130);
    limiter.tryAcquire(6);
    await clock.advance(80);
    old.settle(0);
    expect(left(limiter)).toBe(5);
  });

  it.each<[string, () => RateLimiter]>([
    ['a fixed window', () => new FixedWindow({ ...windows, clock })],
    ['a sliding log', () => new SlidingWindowLog({ ...windows, clock })],
  ])('%s takes at its time what a reservation has become', async (_, make) => {
    const limiter = make();
    limiter.tryAcquire(5);
    const reservation = reserve(limiter, 5);
    reservation.settle(2);
    await clock.advance(reservation.delayMs);
    expect(left(limiter)).toBe(3);
  });
});

describe.each<[string, () => RateLimiter]>([
  ['TokenBucket', () => new TokenBucket({ ratePerSecond: 50, burst: 5, clock })],
  ['Gcra', () => new Gcra({ limit: 5, windowMs: 100, clock })],
  ['LeakyBucket', () => new LeakyBucket({ ratePerSecond: 50, capacity: 10, clock })],
  ['FixedWindow', () => new FixedWindow({ limit: 5, windowMs: 100, clock })],
  ['FixedWindow by the clock', () => new FixedWindow({ limit: 5, windowMs: 100, align: 'clock', clock })],
  ['SlidingWindowLog', () => new SlidingWindowLog({ limit: 5, windowMs: 100, clock })],
  ['SlidingWindowCounter', () => new SlidingWindowCounter({ limit: 5, windowMs: 100, clock })],
])('%s', (_, make) => {
  it('lets nobody before a reservation, and is as before when that is canceled', () => {
    const limiter = make();
    limiter.tryAcquire(3);
    const before = limiter.peek();
    const reservation = reserve(limiter, 5);
    expect(reservation.delayMs).toBeGreaterThan(0);
    expect([limiter.tryAcquire(), limiter.tryAcquire(0)]).toEqual([false, false]);
    expect(limiter.peek().retryAfterMs).toBeGreaterThanOrEqual(reservation.delayMs);
    reservation.cancel();
    expect(limiter.peek()).toEqual(before);
  });

  it('lets no caller who waits before a reservation that came first', async () => {
    const limiter = make();
    limiter.tryAcquire(3);
    const reservation = reserve(limiter, 5);
    const { delayMs } = reservation;
    const served = limiter.acquire(1).then(() => clock.now() - 1_000);
    await clock.advance(2_000);
    expect(await served).toBeGreaterThanOrEqual(delayMs);
  });

  it.each([0, 1])(
    'tells who comes behind a reservation of %d how long it takes, when those before have left',
    async (permits) => {
      const limiter = make();
      limiter.tryAcquire(3);
      const ctx = withCancel();
      const gone = expect(limiter.acquire(5, { signal: ctx })).rejects.toBe('left');
      const reservation = reserve(limiter, permits);
      ctx.cancel('left');
      await gone;
      const { delayMs } = reservation;
      expect([delayMs > 0, limiter.tryAcquire()]).toEqual([true, false]);
      const { allowed, remaining, retryAfterMs } = limiter.peek();
      expect([allowed, remaining]).toEqual([false, 0]);
      expect(retryAfterMs).toBeGreaterThanOrEqual(delayMs);
      expect(reserve(limiter).delayMs).toBe(retryAfterMs);
      await expect(limiter.acquire(1, { maxWaitMs: 0 })).rejects.toMatchObject({ reason: 'limit' });
      const soon = withTimeout(undefined, delayMs - 1, { clock });
      await expect(limiter.acquire(1, { signal: soon })).rejects.toMatchObject({ reason: 'deadline' });
      await clock.advance(2_000);
      expect(limiter.tryAcquire()).toBe(true);
    },
  );

  it('counts a reservation when its time has come', async () => {
    const limiter = make();
    limiter.tryAcquire(5);
    const reservation = reserve(limiter, 5);
    await clock.advance(reservation.delayMs);
    expect(reservation.delayMs).toBe(0);
    expect(limiter.tryAcquire()).toBe(false);
    reservation.settle(5);
    expect(limiter.tryAcquire()).toBe(false);
  });

  it('gives back the rest of what was not used', async () => {
    const limiter = make();
    const reservation = reserve(limiter, 5);
    const { retryAfterMs } = limiter.peek(2);
    reservation.settle(1);
    expect(limiter.peek(2).retryAfterMs).toBeLessThan(retryAfterMs);
    await clock.advance(0);
  });

  it('gives back all of it at its very time, and after it nothing', async () => {
    const [limiter, late] = [make(), make()];
    const [reservation, over] = [limiter, late].map((one) => {
      one.tryAcquire(5);
      return reserve(one, 5);
    });
    await clock.advance(reservation?.delayMs ?? NaN);
    limiter.peek();
    reservation?.cancel();
    expect(limiter.tryAcquire()).toBe(true);
    await clock.advance(1);
    const before = late.peek(5);
    over?.cancel();
    expect(late.peek(5)).toEqual(before);
  });

  it('keeps a reservation when one before it is canceled', async () => {
    const limiter = make();
    limiter.tryAcquire(5);
    const [first, second] = [reserve(limiter, 2), reserve(limiter, 2)];
    const { delayMs } = second;
    first.cancel();
    expect(second.delayMs).toBe(delayMs);
    await clock.advance(delayMs);
    expect(limiter.tryAcquire(4)).toBe(false);
  });

  it('owes what was used beyond', () => {
    const limiter = make();
    reserve(limiter, 1).settle(9);
    expect(limiter.check()).toMatchObject({ allowed: false });
    expect(limiter.tryAcquire(0)).toBe(false);
  });
});
