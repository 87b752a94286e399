import { failOnLeaks } from '@patterns-tools/test-kit';
import {
  fixedWindow,
  Gcra,
  gcra,
  KeyedRateLimiter,
  slidingCounter,
  slidingLog,
  tokenBucket,
  type KeyedRateLimiterOptions,
  type RateAlgorithm,
} from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';

failOnLeaks();

const make = (algorithm: KeyedRateLimiterOptions['algorithm'], options: Partial<KeyedRateLimiterOptions> = {}) => {
  const clock = new ManualClock(10_000);
  return { clock, limiter: new KeyedRateLimiter({ algorithm, clock, ...options }) };
};
const perSecond = { limit: 4, windowMs: 1_000 };
const each: [string, RateAlgorithm][] = [
  ['gcra', gcra(perSecond)],
  ['tokenBucket', tokenBucket({ ratePerSecond: 4, burst: 4 })],
  ['fixedWindow', fixedWindow(perSecond)],
  ['slidingCounter', slidingCounter(perSecond)],
  ['slidingLog', slidingLog(perSecond)],
];

describe('descriptions', () => {
  it('are plain frozen data', () => {
    expect(gcra({ name: 'a', limit: 5, windowMs: 10 })).toEqual({
      kind: 'gcra',
      name: 'a',
      limit: 5,
      windowMs: 10,
      burst: 5,
    });
    for (const [, algorithm] of each) {
      expect(Object.isFrozen(algorithm)).toBe(true);
      expect(Object.getPrototypeOf(algorithm)).toBe(Object.prototype);
      const copy = JSON.parse(JSON.stringify(algorithm)) as RateAlgorithm;
      expect(new KeyedRateLimiter({ algorithm: copy }).check('a')).toMatchObject({
        allowed: true,
        limit: 4,
        remaining: 3,
      });
    }
  });

  it.each<[() => unknown]>([
    [() => gcra({ limit: -1, windowMs: 1 })],
    [() => gcra({ limit: 1.5, windowMs: 1 })],
    [() => gcra({ limit: Infinity, windowMs: 1 })],
    [() => gcra({ limit: 1, windowMs: 0 })],
    [() => gcra({ limit: 1, windowMs: Infinity })],
    [() => gcra({ limit: 1, windowMs: NaN })],
    [() => gcra({ limit: 1, windowMs: 1, burst: -1 })],
    [() => gcra({ limit: 1, windowMs: 1e300, burst: 1e15 })],
    [() => tokenBucket({ ratePerSecond: 0, burst: 1 })],
    [() => tokenBucket({ ratePerSecond: Infinity, burst: 1 })],
    [() => tokenBucket({ ratePerSecond: 1e-300, burst: 1e15 })],
    [() => tokenBucket({ ratePerSecond: 1, burst: 0.5 })],
    [() => fixedWindow({ limit: NaN, windowMs: 1 })],
    [() => fixedWindow({ limit: 1, windowMs: -1 })],
    [() => slidingCounter({ limit: '1' as never, windowMs: 1 })],
    [() => slidingLog({ limit: 1_001, windowMs: 1 })],
    [() => new KeyedRateLimiter({ algorithm: { kind: 'gcra', limit: -1, windowMs: 1, burst: 1 } })],
    [() => new KeyedRateLimiter({ algorithm: gcra(perSecond), maxKeys: 0 })],
    [() => new KeyedRateLimiter({ algorithm: gcra(perSecond), maxKeys: Infinity })],
    [() => new KeyedRateLimiter({ algorithm: gcra(perSecond), maxKeys: 2 ** 24 })],
  ])('and options out of range are refused: %p', (wrong) => {
    expect(wrong).toThrow(RangeError);
  });

  it.each<[string, () => unknown]>([
    ['limit', () => gcra({ limit: -1, windowMs: 1, burst: 1 })],
    ['windowMs', () => gcra({ limit: 1, windowMs: 0 })],
    ['burst', () => gcra({ limit: 1, windowMs: 1, burst: -1 })],
    ['ratePerSecond', () => tokenBucket({ ratePerSecond: 0, burst: 1 })],
    ['burst', () => tokenBucket({ ratePerSecond: 1, burst: -1 })],
    ['limit', () => fixedWindow({ limit: -1, windowMs: 1 })],
    ['windowMs', () => fixedWindow({ limit: 1, windowMs: 0 })],
    ['burst', () => gcra({ limit: 1, windowMs: 1e300, burst: 1e15 })],
    ['algorithm', () => new KeyedRateLimiter({ algorithm: undefined as never })],
    ['algorithm', () => new KeyedRateLimiter({ algorithm: { kind: 'leaky' } as never })],
    ['maxKeys', () => new KeyedRateLimiter({ algorithm: gcra(perSecond), maxKeys: 0 })],
    ['countDenied', () => new KeyedRateLimiter({ algorithm: gcra(perSecond), countDenied: 1 as never })],
    ['cost', () => make(gcra(perSecond)).limiter.check('a', -1)],
    [
      'cost',
      () => {
        make(gcra(perSecond)).limiter.settle('a', -1, 1);
      },
    ],
    [
      'cost',
      () => {
        make(gcra(perSecond)).limiter.settle('a', 1, -1);
      },
    ],
    ['key', () => make(gcra(perSecond)).limiter.check(5 as never)],
    [
      'durationMs',
      () => {
        make(gcra(perSecond)).limiter.block('a', -1);
      },
    ],
    ['permits', () => new Gcra(perSecond).tryAcquire(-1)],
    ['name', () => new KeyedRateLimiter({ algorithm: gcra(perSecond), name: 5 as never })],
    ['name', () => gcra({ ...perSecond, name: 5 as never })],
  ])('and what is wrong is named: %s, %p', (name, wrong) => {
    expect(wrong).toThrow(new RegExp(`^${name} must `));
  });

  it('are bounded by what a number holds, and by nothing less', () => {
    expect(() => gcra({ limit: 1e15, windowMs: 1e300, burst: 1e15 })).not.toThrow();
    expect(() => fixedWindow({ limit: 5_000, windowMs: 1 })).not.toThrow();
    expect(() => slidingCounter({ limit: 5_000, windowMs: 1 })).not.toThrow();
    expect(() => slidingLog({ limit: 1_000, windowMs: 1 })).not.toThrow();
  });

  it.each<[() => unknown]>([
    [() => new KeyedRateLimiter({ algorithm: new Gcra(perSecond) as never })],
    [() => new KeyedRateLimiter({ algorithm: undefined as never })],
    [() => new KeyedRateLimiter({ algorithm: null as never })],
    [() => new KeyedRateLimiter({ algorithm: { kind: 'leaky' } as never })],
    [() => new KeyedRateLimiter({ algorithm: gcra(perSecond), clock: {} as never })],
    [() => new KeyedRateLimiter({ algorithm: gcra(perSecond), countDenied: 1 as never })],
    [() => new KeyedRateLimiter({ algorithm: () => undefined as never }).check('a')],
  ])('and what is none is no algorithm: %p', (wrong) => {
    expect(wrong).toThrow(TypeError);
  });

  it('of a limit of nothing let nothing through', () => {
    const none = { limit: 0, windowMs: 1_000 };
    for (const algorithm of [
      gcra({ ...none, burst: 5 }),
      tokenBucket({ ratePerSecond: 1, burst: 0 }),
      fixedWindow(none),
      slidingCounter(none),
      slidingLog(none),
    ]) {
      const { limiter } = make(algorithm, { countDenied: true });
      expect(limiter.check('a')).toMatchObject({ allowed: false, limit: 0, remaining: 0, retryAfterMs: Infinity });
      expect(limiter.check('a', 0).allowed).toBe(true);
      expect([limiter.size, limiter.peek('b', 0).resetMs]).toEqual([0, 0]);
      limiter.charge('a', 5);
      limiter.refund('a', 5);
      expect(limiter.peek('a', 0)).toMatchObject({ allowed: true, remaining: 0, resetMs: 0 });
      const { limiter: other } = make(algorithm);
      other.charge('a');
      other.refund('a');
      expect(other.tryAcquire('a')).toBe(false);
    }
  });
});

describe('a decision', () => {
  it.each<[RateAlgorithm, number, number, string]>([
    [gcra({ name: 'g', limit: 60, windowMs: 60_000, burst: 5 }), 60, 60_000, 'g'],
    [tokenBucket({ name: 't', ratePerSecond: 10, burst: 5 }), 5, 500, 't'],
    [fixedWindow({ name: 'f', limit: 5, windowMs: 100 }), 5, 100, 'f'],
    [slidingCounter({ limit: 5, windowMs: 100 }), 5, 100, 'default'],
  ])('names the policy of %p', (algorithm, limit, windowMs, name) => {
    expect(make(algorithm).limiter.check('a')).toMatchObject({ limit: 5, policy: { name, limit, windowMs } });
  });

  it('has the vector of GCRA', () => {
    const { limiter, clock } = make(gcra({ limit: 5, windowMs: 500 }));
    const said = Array.from({ length: 6 }, () => limiter.check('a'));
    expect(said.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0]);
    expect(said[5]).toMatchObject({ allowed: false, retryAfterMs: 100, resetMs: 500 });
    clock.ms += 100;
    expect(limiter.check('a')).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('has the wait of each algorithm', () => {
    const table: [RateAlgorithm, number, number][] = [
      [gcra(perSecond), 250, 1_000],
      [tokenBucket({ ratePerSecond: 4, burst: 4 }), 250, 1_000],
      [fixedWindow(perSecond), 1_000, 1_000],
      // A quarter of the window before has to leave the next.
      [slidingCounter(perSecond), 1_250, 2_000],
      [slidingLog(perSecond), 1_000, 1_000],
    ];
    for (const [algorithm, retryAfterMs, resetMs] of table) {
      const { limiter } = make(algorithm);
      limiter.check('a', 4);
      expect(limiter.check('a')).toMatchObject({ allowed: false, remaining: 0, retryAfterMs, resetMs });
    }
  });

  it('is exact in a burst of thirds, late in the life of a process', () => {
    const { limiter, clock } = make(gcra({ limit: 300, windowMs: 1_000 }));
    clock.ms = 1e9;
    for (let n = 1; n <= 300; n++) expect(limiter.check('a')).toMatchObject({ allowed: true, remaining: 300 - n });
    expect(limiter.tryAcquire('a')).toBe(false);
  });
});

describe('a rounding error', () => {
  it('is small against a permit, and against the time in which one comes back', () => {
    const fast = make(tokenBucket({ ratePerSecond: 1e10, burst: 5 })).limiter;
    fast.check('a', 5);
    expect(fast.tryAcquire('a')).toBe(false);
    for (const algorithm of [gcra({ limit: 5, windowMs: 1_000 }), tokenBucket({ ratePerSecond: 5, burst: 5 })]) {
      const { limiter, clock } = make(algorithm);
      limiter.check('a', 5);
      clock.ms += 199.9;
      expect(limiter.check('a')).toMatchObject({ allowed: false, retryAfterMs: expect.closeTo(0.1) as number });
    }
  });
});

describe('each key', () => {
  it('is on its own, whatever its name', () => {
    const { limiter } = make(gcra({ limit: 1, windowMs: 1_000 }));
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      ' ',
      '\0',
      '\ud800',
      'x'.repeat(1_024),
    ];
    for (const name of names) {
      expect(limiter.tryAcquire(name)).toBe(true);
      expect(limiter.tryAcquire(name)).toBe(false);
    }
    expect(limiter.size).toBe(names.length);
  });

  it('has its own limit where the function says so', () => {
    const plans: Record<string, RateAlgorithm> = Object.fromEntries(each);
    const { limiter } = make((key) => plans[key] ?? gcra({ name: 'made for each call', limit: 1, windowMs: 1_000 }));
    for (let round = 0; round < 4; round++) {
      for (const [kind] of each) expect(limiter.check(kind)).toMatchObject({ allowed: true, remaining: 3 - round });
    }
    for (const [kind] of each) expect(limiter.tryAcquire(kind)).toBe(false);
    expect([limiter.tryAcquire('other'), limiter.tryAcquire('other')]).toEqual([true, false]);
  });

  it('starts full with another kind of algorithm, and keeps what it has used with another limit of the same', () => {
    let algorithm: RateAlgorithm = fixedWindow({ limit: 3, windowMs: 1_000 });
    const { limiter } = make(() => algorithm);
    limiter.check('a', 3);
    algorithm = fixedWindow({ limit: 5, windowMs: 1_000 });
    expect(limiter.peek('a', 0).remaining).toBe(2);
    algorithm = fixedWindow({ limit: 1, windowMs: 1_000 });
    expect(limiter.check('a')).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 1_000 });
    for (const [, other] of each) {
      algorithm = other.kind === 'fixed-window' ? gcra(perSecond) : other;
      expect(limiter.check('a', 4)).toMatchObject({ allowed: true, remaining: 0 });
      algorithm = fixedWindow(perSecond);
      expect(limiter.check('a', 4)).toMatchObject({ allowed: true, remaining: 0 });
    }
  });

  it('starts full also when a gcra becomes a token bucket', () => {
    let algorithm: RateAlgorithm = gcra(perSecond);
    const { limiter } = make(() => algorithm);
    limiter.check('a', 4);
    algorithm = tokenBucket({ ratePerSecond: 4, burst: 4 });
    expect(limiter.check('a', 4)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('keeps its log when the limit grows', () => {
    let limit = 1;
    const { limiter, clock } = make(() => slidingLog({ limit, windowMs: 1_000 }));
    for (limit of [1, 3, 9, 40]) {
      while (limiter.tryAcquire('a')) clock.ms += 1;
      expect(limiter.check('a').retryAfterMs).toBe(1_010 - (clock.ms - 10_000) - 10);
    }
    limit = 2;
    expect(limiter.peek('a', 0).resetMs).toBe(999);
    clock.ms += 1_000;
    expect(limiter.check('a', 2).allowed).toBe(true);
  });
});

describe.each(each)('%s', (_kind, algorithm) => {
  it('charges below zero, and refunds up to full', () => {
    const { limiter, clock } = make(algorithm);
    limiter.charge('a', 6);
    expect(limiter.check('a', 0)).toMatchObject({ allowed: false, remaining: 0 });
    limiter.refund('a', 3);
    expect(limiter.peek('a', 0)).toMatchObject({ allowed: true, remaining: 1 });
    limiter.refund('a', 100);
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 4, resetMs: 0 });
    expect(limiter.check('a', 4).allowed).toBe(true);
    clock.ms += 2_000;
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 4, resetMs: 0 });
  });

  it('has charge and refund take 1 unless told otherwise', () => {
    const { limiter } = make(algorithm);
    limiter.charge('a');
    limiter.charge('a');
    limiter.refund('a');
    expect(limiter.peek('a', 0).remaining).toBe(3);
  });

  it('settles the difference', () => {
    const { limiter } = make(algorithm);
    limiter.check('a', 2);
    limiter.settle('a', 2, 3);
    expect(limiter.peek('a', 0).remaining).toBe(1);
    limiter.settle('a', 3, 1);
    expect(limiter.peek('a', 0).remaining).toBe(3);
    limiter.settle('a', 1, 1);
    expect(limiter.peek('a', 0).remaining).toBe(3);
  });

  it('blocks whatever the state, for the longest block, until it ends or is ended', () => {
    const { limiter, clock } = make(algorithm);
    limiter.block('a', 5_000);
    limiter.block('a', 3_000);
    const refused = { allowed: false, limit: 4, remaining: 0, retryAfterMs: 5_000, resetMs: 5_000 };
    expect(limiter.check('a', 0)).toMatchObject(refused);
    expect(limiter.peek('a')).toMatchObject(refused);
    expect(limiter.tryAcquire('a')).toBe(false);
    expect(limiter.check('a', 5).retryAfterMs).toBe(Infinity);
    clock.ms += 5_000;
    expect(limiter.check('a')).toMatchObject({ allowed: true, remaining: 3 });

    limiter.block('a', Infinity);
    expect(limiter.check('a').retryAfterMs).toBe(Infinity);
    limiter.block('a', 0);
    expect(limiter.check('a')).toMatchObject({ allowed: true, remaining: 2 });
    limiter.block('a', 10);
    limiter.check('b', 4);
    expect(limiter.check('b').retryAfterMs).toBeLessThan(1_300);
  });

  it('says the longer of the two waits when a blocked key is at its limit', () => {
    const { limiter } = make(algorithm);
    limiter.check('a', 4);
    const { retryAfterMs, resetMs } = limiter.check('a');
    limiter.block('a', 1);
    expect(limiter.check('a')).toMatchObject({ retryAfterMs, resetMs });
  });

  it('says how long a block is, and no more, when there would be permits', () => {
    const { limiter } = make(algorithm);
    limiter.check('a');
    limiter.block('a', 10);
    expect(limiter.check('a')).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 10 });
    expect(limiter.peek('a', 3).retryAfterMs).toBe(10);
    expect(limiter.check('b')).toMatchObject({ allowed: true, remaining: 3 });
  });

  it('is full again after reset, and unblocked', () => {
    const { limiter } = make(algorithm);
    limiter.charge('a', 100);
    limiter.block('a', 1_000);
    limiter.reset('a');
    expect(limiter.size).toBe(0);
    expect(limiter.check('a')).toMatchObject({ allowed: true, remaining: 3 });
  });

  it('refuses whoever keeps asking, with countDenied, for a window at most', () => {
    const { limiter, clock } = make(algorithm, { countDenied: true });
    expect(limiter.check('a', 4).allowed).toBe(true);
    let longest = 0;
    for (let n = 0; n < 200; n++) {
      const { allowed, retryAfterMs } = n % 2 ? limiter.peek('a') : limiter.check('a');
      expect(allowed).toBe(false);
      longest = Math.max(longest, retryAfterMs);
      clock.ms += 25;
    }
    // A sliding counter has to wait that long anyway: for the window, and a quarter of the next.
    expect(longest).toBeLessThanOrEqual(algorithm.kind === 'sliding-counter' ? 1_250 : 1_000);
    expect(longest).toBeGreaterThanOrEqual(975);
    const said = limiter.peek('a');
    expect(limiter.check('a')).toEqual(said);
    clock.ms += said.retryAfterMs - 1;
    expect(limiter.peek('a').allowed).toBe(false);
    clock.ms += 1;
    expect(limiter.tryAcquire('a')).toBe(true);
  });

  it('lets whoever waits through, with countDenied', () => {
    const { limiter, clock } = make(algorithm, { countDenied: true });
    limiter.check('a', 4);
    const { retryAfterMs } = limiter.check('a');
    clock.ms += retryAfterMs;
    expect(limiter.tryAcquire('a')).toBe(true);
  });

  it('takes the cost of a refused call, with countDenied, also from a key that is new', () => {
    const { limiter } = make(algorithm, { countDenied: true });
    limiter.check('a', 3);
    expect(limiter.check('a', 2)).toMatchObject({ allowed: false, remaining: 0 });
    expect(limiter.tryAcquire('a')).toBe(false);
    expect(limiter.check('b', 5)).toMatchObject({ allowed: false, retryAfterMs: Infinity });
    expect(limiter.tryAcquire('b')).toBe(false);
  });
});

describe('countDenied', () => {
  it.each([2, 10])('of a gcra with a burst of %d lets the wait grow to the window', (burst) => {
    const { limiter } = make(gcra({ limit: 5, windowMs: 1_000, burst }), { countDenied: true });
    limiter.check('a', burst);
    for (let n = 0; n < 20; n++) limiter.check('a');
    expect(limiter.peek('a')).toMatchObject({ allowed: false, retryAfterMs: 1_000 });
  });

  it.each([fixedWindow(perSecond), slidingCounter(perSecond), slidingLog(perSecond)])(
    'owes no more than the limit, and forgets it with its window: %p',
    (algorithm) => {
      const { limiter, clock } = make(algorithm, { countDenied: true });
      clock.ms += 100;
      limiter.check('a', 4);
      clock.ms += 100;
      expect(limiter.check('a').allowed).toBe(false);
      limiter.check('a', 4);
      limiter.refund('a', 4);
      expect(limiter.peek('a', 0).remaining).toBe(4);
      limiter.check('a', 3);
      limiter.check('a', 2);
      limiter.refund('a', 4);
      expect(limiter.peek('a', 0).remaining).toBe(4);
      limiter.charge('a', 6);
      limiter.check('a', 1);
      limiter.refund('a', 2);
      expect(limiter.peek('a', 0).remaining).toBe(0);
      clock.ms += 2_000;
      expect(limiter.check('a', 4)).toMatchObject({ allowed: true, remaining: 0 });
    },
  );
});

describe('a sliding log', () => {
  const log = slidingLog(perSecond);

  it('says when enough of the calls have left the window', () => {
    const { limiter, clock } = make(log);
    limiter.check('a', 1);
    clock.ms += 100;
    limiter.check('a', 1);
    clock.ms += 100;
    limiter.check('a', 2);
    expect([1, 2, 3].map((cost) => limiter.peek('a', cost).retryAfterMs)).toEqual([800, 900, 1_000]);
  });

  it('gives back the newest first, and no more than it took', () => {
    const { limiter, clock } = make(log);
    limiter.check('a', 2);
    clock.ms += 100;
    limiter.check('a', 2);
    clock.ms += 100;
    limiter.refund('a', 3);
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 3, resetMs: 800 });
    clock.ms += 800;
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 4, resetMs: 0 });
    expect(limiter.check('a', 5).allowed).toBe(false);
  });

  it('counts calls of one moment as one', () => {
    const { limiter } = make(log);
    for (let n = 0; n < 6; n++) limiter.charge('a');
    limiter.refund('a', 2);
    expect(limiter.peek('a', 0).remaining).toBe(0);
    limiter.refund('a', 1);
    expect(limiter.peek('a', 0).remaining).toBe(1);
  });

  it('remembers no more calls than matter, and forgets them all with the window', () => {
    const { limiter, clock } = make(log);
    for (let n = 0; n < 20; n++) {
      limiter.charge('a');
      clock.ms += 1;
    }
    expect(limiter.check('a')).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 996, resetMs: 999 });
    clock.ms += 1_000;
    expect(limiter.check('a', 4)).toMatchObject({ allowed: true, remaining: 0, resetMs: 1_000 });
  });

  it('is full as soon as all is given back, also at the beginning of time', () => {
    const limiter = new KeyedRateLimiter({ algorithm: log, clock: new ManualClock(0) });
    limiter.check('a', 3);
    limiter.refund('a', 3);
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 4, resetMs: 0 });
  });
});

describe('a sliding counter', () => {
  it('gives back of this window first, then of the one before', () => {
    const { limiter, clock } = make(slidingCounter({ limit: 10, windowMs: 1_000 }));
    clock.ms += 300;
    limiter.check('a', 3);
    limiter.refund('a', 1);
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 8, resetMs: 1_700 });
    limiter.check('a', 2);
    clock.ms += 1_000;
    // 0.7 of four.
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 7, resetMs: 700 });
    limiter.check('a', 2);
    limiter.refund('a', 4);
    // 0.7 of two.
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 8, resetMs: 700 });
    limiter.refund('a', 2);
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 10, resetMs: 0 });
  });

  it('has begun the next window a rounding error before it', () => {
    const { limiter, clock } = make(slidingCounter({ limit: 10, windowMs: 1_000 }));
    clock.ms = 11_000 - 1e-9;
    expect(limiter.check('a', 10)).toMatchObject({ allowed: true, resetMs: expect.closeTo(2_000, 6) as number });
    clock.ms = 11_500;
    expect(limiter.peek('a', 0)).toMatchObject({ remaining: 0, resetMs: 1_500 });
  });
});

describe('a key of a sliding counter', () => {
  it('has the permits after exactly the time that was said, where the numbers of the clock are coarse', () => {
    const clock = new ManualClock(86_558_024.576);
    const limiter = new KeyedRateLimiter({ algorithm: slidingCounter({ limit: 1_000, windowMs: 1_000 }), clock });
    limiter.tryAcquire('a', 998);
    clock.ms += 1_004.0000000000042;
    clock.ms += limiter.peek('a', 129).retryAfterMs;
    expect(limiter.check('a', 129)).toMatchObject({ allowed: true, retryAfterMs: 0 });
  });

  it.each([
    [1_000, 1_000],
    [100, 60_000],
  ])('of %d in %d ms is never refused with no time to wait', (limit, windowMs) => {
    const algorithm = slidingCounter({ limit, windowMs });
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1e8, 2.6e9, 1.8e12),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 1, max: 1.7, noNaN: true }),
        fc.nat(6),
        fc.integer({ min: 1, max: limit }),
        (startMs, moreMs, windows, less, cost) => {
          const clock = new ManualClock(startMs + moreMs);
          const limiter = new KeyedRateLimiter({ algorithm, clock });
          limiter.tryAcquire('a', limit - less);
          clock.ms += windows * windowMs;
          clock.ms += limiter.peek('a', cost).retryAfterMs;
          expect(limiter.peek('a', 0).remaining).toBeGreaterThanOrEqual(cost);
          expect(limiter.check('a', cost)).toMatchObject({ allowed: true, retryAfterMs: 0 });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a wrong argument', () => {
  const methods = ['check', 'tryAcquire', 'peek', 'charge', 'refund', 'reset'] as const;

  it('is refused by every method, and changes nothing', () => {
    const { limiter } = make(gcra(perSecond));
    const long = 'x'.repeat(1_025);
    for (const method of methods) {
      expect(() => limiter[method](long)).toThrow(new RangeError('key must have at most 1024 UTF-16 units, got 1025'));
      for (const key of [undefined, null, 5, {}, ['a']]) expect(() => limiter[method](key as never)).toThrow(TypeError);
      if (method === 'reset') continue;
      for (const cost of [-1, 0.5, NaN, Infinity, '1', null, 2 ** 53]) {
        expect(() => limiter[method]('a', cost as never)).toThrow(RangeError);
      }
    }
    expect(() => {
      limiter.settle(long, 1, 1);
    }).toThrow(RangeError);
    expect(() => {
      limiter.settle('a', -1, 1);
    }).toThrow(RangeError);
    expect(() => {
      limiter.settle('a', 1, 0.5);
    }).toThrow(RangeError);
    expect(() => {
      limiter.block(long, 1);
    }).toThrow(RangeError);
    expect(() => {
      limiter.block('a', -1);
    }).toThrow(RangeError);
    expect(() => {
      limiter.block('a', NaN);
    }).toThrow(RangeError);
    expect(limiter.size).toBe(0);
  });
});

describe('the function that gives the algorithm', () => {
  it('is asked once a call', () => {
    const algorithmOf = jest.fn(() => gcra(perSecond));
    const { limiter } = make(algorithmOf);
    limiter.tryAcquire('a');
    limiter.check('a');
    limiter.peek('a');
    limiter.charge('a');
    limiter.refund('a');
    limiter.settle('a', 2, 1);
    expect(algorithmOf.mock.calls).toEqual(Array(6).fill(['a']));
  });

  it('may throw, and nothing has changed then', () => {
    const failure = new Error('no such plan');
    const { limiter } = make(() => {
      throw failure;
    });
    for (const method of ['check', 'tryAcquire', 'peek', 'charge', 'refund'] as const) {
      expect(() => limiter[method]('a')).toThrow(failure);
    }
    expect(limiter.size).toBe(0);
  });

  it('may use the limiter', () => {
    const limiter: KeyedRateLimiter = new KeyedRateLimiter({
      algorithm: (key) => {
        if (key === 'team:ann') limiter.charge('team');
        return key === 'log' ? slidingLog(perSecond) : gcra(perSecond);
      },
      maxKeys: 1,
      clock: new ManualClock(),
    });
    expect(limiter.check('team:ann')).toMatchObject({ allowed: true, remaining: 3 });
    expect(limiter.size).toBe(1);
  });
});

describe('the faults of others', () => {
  it('has windows longer than a timer can be: one call in 30 days', () => {
    const { limiter, clock } = make(fixedWindow({ limit: 1, windowMs: 30 * 86_400_000 }));
    expect(Array.from({ length: 5 }, () => limiter.tryAcquire('a'))).toEqual([true, false, false, false, false]);
    clock.ms += 30 * 86_400_000 - 1;
    expect(limiter.tryAcquire('a')).toBe(false);
    clock.ms += 1;
    expect(limiter.tryAcquire('a')).toBe(true);
  });

  it('keeps no more keys than allowed, and refuses with a value', () => {
    const { limiter } = make(gcra({ limit: 1, windowMs: 1_000 }), { maxKeys: 100 });
    for (let n = 0; n < 1_001; n++) limiter.check(`user ${n}`);
    expect(limiter.size).toBe(100);
    expect(limiter.check('user 1000')).toMatchObject({ allowed: false, retryAfterMs: 1_000 });
  });

  it('begins a window with the first call, so that not twice the limit passes early on', () => {
    const { limiter, clock } = make(fixedWindow({ limit: 5, windowMs: 1_000 }));
    clock.ms += 990;
    let passed = 0;
    for (let n = 0; n < 108; n++) {
      if (limiter.tryAcquire('a')) passed++;
      clock.ms += 1;
    }
    expect(passed).toBe(5);
  });
});
