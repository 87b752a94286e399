import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { failOnLeaks, recordDiagnostics } from '@patterns-tools/test-kit';
import {
  DeadlineExceededError,
  withCancel,
  withDeadline,
  withTimeout,
  type Clock,
  type Context,
} from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { classify, is } from '@patterns/errors';
import {
  FixedWindow,
  Gcra,
  LeakyBucket,
  RateLimitError,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  type AcquireOptions,
  type RateLimitDiagnostics,
  type RateLimitReason,
  type RateLimiter,
  type TokenBucketOptions,
} from '@patterns/ratelimit';

failOnLeaks();

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock({ now: 5_000 });
});
afterEach(() => {
  expect(clock.pending).toBe(0);
});

/** An empty bucket of ten permits a second. */
const make = (options: Partial<TokenBucketOptions> = {}): TokenBucket =>
  new TokenBucket({ name: 'api', ratePerSecond: 10, burst: 5, initial: 0, clock, ...options });

/** Callers who write down when they were served, from the start of the test, or why not. */
const callers = (
  limiter: RateLimiter,
): { log: string[]; call: (who: string, permits?: number, options?: AcquireOptions) => void } => {
  const log: string[] = [];
  const call = (who: string, permits?: number, options?: AcquireOptions): void => {
    limiter.acquire(permits, options).then(
      () => log.push(`${who} at ${Math.round(clock.now() - 5_000)}`),
      (error: unknown) => {
        const text =
          error instanceof RateLimitError ? `${error.reason} ${Math.round(error.retryAfterMs)}` : String(error);
        log.push(`${who}: ${text}`);
      },
    );
  };
  return { log, call };
};

describe('acquire', () => {
  it('is served at once when the permits are there', async () => {
    const bucket = make({ initial: 2 });
    await bucket.acquire();
    await bucket.acquire(1, { signal: withTimeout(undefined, 1, { clock }), maxWaitMs: 0 });
    expect(bucket.tokens).toBe(0);
    await clock.advance(1);
  });

  it('is served at once when the permits come while it is asked for them', async () => {
    let ms = 0;
    const ticking: Clock = { now: () => (ms += 50), setTimeout: (fn, delayMs) => clock.setTimeout(fn, delayMs) };
    await expect(make({ clock: ticking }).acquire(1, { maxWaitMs: 0 })).resolves.toBeUndefined();
    expect(ms).toBe(150);
  });

  it('is strictly first come, first served: small ones do not overtake a large one', async () => {
    const { log, call } = callers(make());
    call('large', 5);
    call('small');
    call('nothing', 0);
    call('medium', 2);
    expect(clock.pending).toBe(1);
    await clock.advance(10_000);
    expect(log).toEqual(['large at 500', 'small at 600', 'nothing at 600', 'medium at 800']);
  });

  it('is not overtaken by tryAcquire, check or a reservation', async () => {
    const bucket = make({ initial: 1 });
    const { log, call } = callers(bucket);
    call('first', 3);
    expect([bucket.tryAcquire(), bucket.tryAcquire(0)]).toEqual([false, false]);
    expect(bucket.check()).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 300 });
    expect(bucket.reserve(2)?.delayMs).toBe(400);
    call('second');
    await clock.advance(250);
    expect(bucket.tokens).toBeCloseTo(-2.5);
    await clock.advance(250);
    expect(log).toEqual(['first at 200', 'second at 500']);
  });

  it('has one timer, for the first, and none when nobody waits', async () => {
    const bucket = make();
    const { call } = callers(bucket);
    const controller = new AbortController();
    for (let n = 0; n < 100; n++) call('one', 1, { signal: controller.signal });
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect(clock.pending).toBe(1);
    controller.abort();
    expect(clock.pending).toBe(0);
    await clock.advance(0);
  });

  it('serves late, but not too many at once, when the timer was late', async () => {
    let nowMs = 0;
    let fire: (() => void) | undefined;
    const late = {
      now: () => nowMs,
      setTimeout: (fn: () => void) => {
        fire = fn;
        return { [Symbol.dispose]: () => (fire = undefined) };
      },
    };
    const window = new SlidingWindowLog({ limit: 1, windowMs: 100, clock: late });
    const run = (): void => {
      const timer = fire;
      fire = undefined;
      timer?.();
    };
    window.tryAcquire();
    const served: number[] = [];
    for (let n = 0; n < 3; n++) void window.acquire().then(() => served.push(nowMs));
    nowMs = 1_000;
    run();
    await clock.advance(0);
    expect(served).toEqual([1_000]);
    // Nor does anybody overtake because the timer is late.
    nowMs = 1_150;
    expect(window.tryAcquire()).toBe(false);
    await clock.advance(0);
    expect(served).toEqual([1_000, 1_150]);
    nowMs = 1_250;
    run();
    await clock.advance(0);
    expect(served).toEqual([1_000, 1_150, 1_250]);
    expect(fire).toBeUndefined();
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
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 1, initial: 0, clock: apart });
    const waits = [bucket.acquire(), bucket.acquire()];
    fire?.();
    await waits[0];
    fire?.();
    await waits[1];
  });

  it('waits no longer because the clock has stepped back', async () => {
    let skewMs = 0;
    const stepping: Clock = { now: () => clock.now() + skewMs, setTimeout: (fn, ms) => clock.setTimeout(fn, ms) };
    const bucket = make({ clock: stepping });
    const { log, call } = callers(bucket);
    call('one');
    await clock.advance(50);
    skewMs = -50;
    bucket.update({});
    await clock.advance(50);
    expect(log).toEqual(['one at 100']);
  });

  it('keeps the AsyncLocalStorage context of each caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const bucket = make();
    const seen: (string | undefined)[] = [];
    const calls = ['a', 'b', 'c'].map((who) =>
      storage.run(who, async () => {
        await bucket.acquire();
        seen.push(storage.getStore());
      }),
    );
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(seen).toEqual(['a', 'b', 'c']);
  });
});

describe('a wait that ends early', () => {
  it.each<[string, (reason: unknown) => { signal: Context | AbortSignal; end: () => void }]>([
    [
      'by an AbortSignal',
      (reason) => {
        const controller = new AbortController();
        return {
          signal: controller.signal,
          end: () => {
            controller.abort(reason);
          },
        };
      },
    ],
    [
      'by a context',
      (reason) => {
        const ctx = withCancel();
        return {
          signal: ctx,
          end: () => {
            ctx.cancel(reason);
          },
        };
      },
    ],
  ])('%s rejects at once with its reason; those behind it move up', async (_, makeEnding) => {
    const reason = new Error('gave up');
    const { signal, end } = makeEnding(reason);
    const bucket = make();
    const { log, call } = callers(bucket);
    call('first', 5, { signal });
    call('second', 1);
    call('third', 4, { signal });
    call('fourth', 1);
    await clock.advance(50);
    end();
    expect(bucket.tokens).toBeCloseTo(-1.5);
    await clock.advance(1_000);
    expect(log).toEqual(['first: Error: gave up', 'third: Error: gave up', 'second at 100', 'fourth at 200']);
  });

  it('gives way to those who can be served now', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    const controller = new AbortController();
    call('large', 5, { signal: controller.signal });
    call('small', 1);
    call('small too', 1);
    await clock.advance(250);
    controller.abort('no');
    await clock.advance(0);
    expect(log).toEqual(['large: no', 'small at 250', 'small too at 250']);
  });

  it('by its deadline, when somebody made the wait longer than it was', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('one', 1, { signal: withTimeout(undefined, 200, { clock }) });
    bucket.update({ ratePerSecond: 1 });
    await clock.advance(300);
    expect(log).toEqual([expect.stringContaining('one: TimeoutError')]);
  });
});

describe('what cannot be had in time is refused at once, with nothing taken', () => {
  it('in order: above the limit, the reason, the deadline, the longest wait, the queue', async () => {
    const bucket = make({ maxQueue: 1 });
    const { log, call } = callers(bucket);
    call('waits');
    const soon = withDeadline(undefined, clock.now() + 100, { clock });
    const reason = 'gave up';
    const done = AbortSignal.abort(reason);
    call('above', 6, { signal: done, maxWaitMs: 0 });
    call('done', 1, { signal: done, maxWaitMs: 0 });
    call('deadline', 1, { signal: soon, maxWaitMs: 0 });
    call('limit', 1, { maxWaitMs: 0 });
    call('max-wait', 1, { maxWaitMs: 199 });
    call('full', 1, { maxWaitMs: 200 });
    const tokens = bucket.tokens;
    await clock.advance(0);
    expect(log).toEqual([
      'above: RangeError: permits must be at most the limit of 5, got 6',
      'done: gave up',
      'deadline: deadline 200',
      'limit: limit 200',
      'max-wait: max-wait 200',
      'full: queue-full 200',
    ]);
    expect(bucket.tokens).toBe(tokens);
    await clock.advance(100);
    expect(log.at(-1)).toBe('waits at 100');
    soon.cancel();
  });

  it('but not what comes exactly at the deadline, or after exactly the longest wait', async () => {
    const { log, call } = callers(make());
    call('deadline', 1, { signal: withDeadline(undefined, clock.now() + 100, { clock }) });
    call('max-wait', 1, { maxWaitMs: 200 });
    await clock.advance(200);
    expect(log).toEqual(['deadline at 100', 'max-wait at 200']);
  });

  it('who is served exactly at the deadline runs on before those behind him', async () => {
    const { log, call } = callers(make());
    call('deadline', 1, { signal: withDeadline(undefined, clock.now() + 100, { clock }) });
    call('nothing', 0);
    await clock.advance(100);
    expect(log).toEqual(['deadline at 100', 'nothing at 100']);
  });

  it("by the limiter's own longest wait, unless the call has one", async () => {
    const { log, call } = callers(make({ maxWaitMs: 100 }));
    call('first');
    call('second');
    call('third', 1, { maxWaitMs: 200 });
    call('fourth', 1, { maxWaitMs: undefined });
    await clock.advance(1_000);
    expect(log).toEqual(['second: max-wait 200', 'fourth: max-wait 300', 'first at 100', 'third at 200']);
  });

  it('and those who cannot be served in time any more, when it is their turn to be', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('patient', 1);
    call('impatient', 1, { maxWaitMs: 250 });
    call('last', 1);
    bucket.update({ ratePerSecond: 5 });
    await clock.advance(1_000);
    expect(log).toEqual(['patient at 200', 'impatient: max-wait 200', 'last at 400']);
  });

  it.each([0, 0.01])('and those behind others when their longest wait ends, at a rate of %d', async (ratePerSecond) => {
    const bucket = make();
    const controller = new AbortController();
    const { signal } = controller;
    const log: string[] = [];
    const call = (who: string, options: AcquireOptions): void => {
      bucket.acquire(1, options).catch((error: unknown) => {
        log.push(`${who}: ${error instanceof RateLimitError ? error.reason : String(error)} at ${clock.now() - 5_000}`);
      });
    };
    call('patient', { signal });
    const leaving = withCancel();
    call('gone', { signal: leaving, maxWaitMs: 300 });
    call('third', { maxWaitMs: 500 });
    call('fourth', { maxWaitMs: 600, signal });
    call('fifth', { maxWaitMs: 500 });
    call('sixth', { maxWaitMs: 700 });
    call('last', { signal });
    await clock.advance(50);
    bucket.update({ ratePerSecond });
    expect(clock.pending).toBe(1);
    leaving.cancel('left');
    await clock.advance(650);
    controller.abort('done');
    await clock.advance(0);
    expect(log).toEqual([
      'gone: left at 50',
      'third: max-wait at 500',
      'fifth: max-wait at 500',
      'fourth: max-wait at 600',
      'sixth: max-wait at 700',
      'patient: done at 700',
      'last: done at 700',
    ]);
  });

  it('and those behind others say when the first of these is served, before whom nobody is', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('large', 5);
    call('small', 1, { maxWaitMs: 600 });
    bucket.update({ ratePerSecond: 5 });
    await clock.advance(600);
    expect(log).toEqual(['small: max-wait 400']);
    await clock.advance(400);
    expect(log).toEqual(['small: max-wait 400', 'large at 1000']);
  });

  it('but not those who can be served in time again', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('first', 1);
    call('second', 1, { maxWaitMs: 400 });
    bucket.update({ ratePerSecond: 0 });
    await clock.advance(300);
    bucket.update({ ratePerSecond: 20 });
    await clock.advance(1_000);
    expect(log).toEqual(['first at 350', 'second at 400']);
  });

  it('and those who want more than the limit has become', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('large', 5);
    call('small', 1);
    bucket.update({ burst: 2 });
    await clock.advance(1_000);
    expect(log).toEqual(['large: RangeError: permits must be at most the limit of 2, got 5', 'small at 100']);
  });
});

describe('what is told to somebody who asks while others wait', () => {
  const wait = (bucket: TokenBucket): number => bucket.peek().retryAfterMs;

  it('is right when the first has left, or somebody has reserved', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    const controller = new AbortController();
    call('first', 2, { signal: controller.signal });
    call('second');
    expect(wait(bucket)).toBe(400);
    controller.abort('left');
    expect(wait(bucket)).toBe(200);
    const reservation = bucket.reserve(2);
    expect(wait(bucket)).toBe(400);
    reservation?.settle(1);
    await clock.advance(1_000);
    expect(log).toEqual(['first: left', 'second at 100']);
  });

  it('is right when the rate has changed, or those who want too much for the new limit are to go', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('first');
    expect(wait(bucket)).toBe(200);
    bucket.update({ ratePerSecond: 20 });
    expect(wait(bucket)).toBe(100);
    call('large', 5);
    call('last');
    bucket.update({ ratePerSecond: 10, burst: 2 });
    expect(wait(bucket)).toBe(300);
    await clock.advance(1_000);
    expect(log).toEqual([
      'first at 100',
      'large: RangeError: permits must be at most the limit of 2, got 5',
      'last at 200',
    ]);
  });

  it('is right when reservations stand between callers', async () => {
    const limiter = new FixedWindow({ limit: 5, windowMs: 100, clock });
    const { log, call } = callers(limiter);
    limiter.tryAcquire(5);
    call('first', 3);
    limiter.reserve(5);
    call('second');
    expect([2, 5].map((permits) => limiter.peek(permits).retryAfterMs)).toEqual([300, 400]);
    call('third', 5);
    await clock.advance(1_000);
    expect(log).toEqual(['first at 100', 'second at 300', 'third at 400']);
  });

  it('is never, also for nothing, when those before never come', async () => {
    const bucket = make({ ratePerSecond: 0 });
    const controller = new AbortController();
    const waits = [1, 1].map((permits) => bucket.acquire(permits, { signal: controller.signal }));
    expect(bucket.peek(0)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: Infinity, resetMs: Infinity });
    controller.abort('left');
    expect(await Promise.allSettled(waits)).toMatchObject([{ reason: 'left' }, { reason: 'left' }]);
  });
});

describe('a full queue', () => {
  it('of one place drops whoever has it', async () => {
    const { log, call } = callers(make({ maxQueue: 1, overflow: 'drop-oldest' }));
    call('a', 2);
    call('b');
    await clock.advance(1_000);
    expect(log).toEqual(['a: dropped 200', 'b at 100']);
  });

  it('refuses the newcomer, or drops the one that has waited longest', async () => {
    const { log, call } = callers(make({ maxQueue: 2, overflow: 'drop-oldest' }));
    call('a', 2);
    call('b');
    call('c', 1, { maxWaitMs: 200 });
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect(log).toEqual(['a: dropped 200', 'b at 100', 'c at 200']);
  });

  it('drops nobody for a newcomer who would come too late all the same', async () => {
    const { log, call } = callers(make({ maxQueue: 2, overflow: 'drop-oldest' }));
    call('a', 2);
    call('b');
    call('c', 1, { maxWaitMs: 199 });
    await clock.advance(1_000);
    expect(log).toEqual(['c: max-wait 200', 'a at 200', 'b at 300']);
  });

  it('drops whoever has waited longest for a newcomer whose deadline is now, and lets him go now', async () => {
    const bucket = make({ initial: 3, maxQueue: 1, overflow: 'drop-oldest' });
    const { log, call } = callers(bucket);
    call('a', 5);
    clock.setTimeout(() => {
      // The deadline has come, but not its timer.
      call('b', 2, { signal: ctx });
    }, 50);
    const ctx = withTimeout(undefined, 50, { clock });
    await clock.advance(1_000);
    expect(log).toEqual(['a: dropped 150', 'b at 50']);
    expect(bucket.tokens).toBe(5);
  });

  it('drops nobody for a newcomer whose deadline comes while he asks', async () => {
    const { log, call } = callers(make({ initial: 3, maxQueue: 1, overflow: 'drop-oldest' }));
    call('a', 5);
    const ctx = withTimeout(undefined, 1_000, { clock });
    let asked = 0;
    jest.spyOn(ctx, 'remaining').mockImplementation(() => (asked++ < 2 ? 1_000 : 0));
    call('b', 4, { signal: ctx });
    await clock.advance(1_000);
    expect(log).toEqual(['b: deadline 200', 'a at 200']);
  });

  it.each(['reject', 'drop-oldest'] as const)('of no places has nobody to drop (%s)', async (overflow) => {
    const { log, call } = callers(make({ maxQueue: 0, overflow }));
    call('a');
    await clock.advance(0);
    expect(log).toEqual(['a: queue-full 100']);
  });

  it('holds 1 000 callers by default', async () => {
    const bucket = make();
    const controller = new AbortController();
    const waits = Array.from({ length: 1_001 }, () => bucket.acquire(1, { signal: controller.signal }));
    await expect(waits[1_000]).rejects.toMatchObject({
      reason: 'queue-full',
      retryAfterMs: expect.closeTo(100_100) as number,
    });
    controller.abort();
    await Promise.allSettled(waits);
  });
});

describe('a refusal', () => {
  const refusal = async (options: AcquireOptions): Promise<RateLimitError> =>
    (await make()
      .acquire(1, options)
      .catch((error: unknown) => error)) as RateLimitError;

  it('is an error of kind throttled, with no stack, that says when to come back', async () => {
    const error = await refusal({ maxWaitMs: 0 });
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ code: 'ERR_RATE_LIMITED', reason: 'limit', retryAfterMs: 100, policy: 'api' });
    expect(error.message).toBe("rate limit 'api' exceeded; retry in 100 ms");
    expect(error.stack).toBe(`RateLimitError: ${error.message}`);
    expect(classify(error)).toEqual({ kind: 'throttled', retryable: true, retryAfterMs: 100 });
    expect(is(error, DeadlineExceededError)).toBe(false);
  });

  it('for the deadline is a deadline exceeded too', async () => {
    const error = await refusal({ signal: withTimeout(undefined, 1, { clock }) });
    expect(error.message).toBe("rate limit 'api' exceeded; retry in 100 ms, later than the deadline");
    expect([is(error, DeadlineExceededError), is(error, 'ERR_DEADLINE_EXCEEDED'), is(error, RateLimitError)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(is(error, 'ERR_CANCELED')).toBe(false);
    class Other extends DeadlineExceededError {}
    expect(is(error, Other)).toBe(false);
    expect([classify(error).kind, RateLimitError.kind]).toEqual(['throttled', 'throttled']);
    await clock.advance(1);
  });

  it('says why', () => {
    const message = (reason: RateLimitReason): string => new RateLimitError(reason, 5).message;
    expect(message('queue-full')).toBe('rate limit exceeded; retry in 5 ms, and the queue is full');
    expect(message('dropped')).toBe('rate limit exceeded; retry in 5 ms, and others came after it');
  });

  it('by a closed limiter is not worth another try', () => {
    const error = new RateLimitError('closed', Infinity);
    expect(error.message).toBe('rate limit is closed');
    expect(classify(error)).toMatchObject({ kind: 'throttled', retryable: false });
  });

  it('carries what its maker says', () => {
    const cause = new Error('busy');
    expect(new RateLimitError('max-wait', Infinity, { policy: 'x', cause })).toMatchObject({
      message: "rate limit 'x' exceeded, later than maxWaitMs",
      cause,
      policy: 'x',
    });
  });
});

describe('update', () => {
  it('schedules anew those who wait, and wakes those who would wait for ever', async () => {
    const bucket = make({ ratePerSecond: 0 });
    const { log, call } = callers(bucket);
    call('a', 2);
    call('b', 1, { maxWaitMs: Infinity });
    call('c', 1, { maxWaitMs: 1e9 });
    expect(clock.pending).toBe(0);
    expect(bucket.peek()).toMatchObject({ allowed: false, retryAfterMs: Infinity, resetMs: Infinity, remaining: 0 });
    expect(bucket.reserve()).toBeUndefined();
    await clock.advance(10_000);
    bucket.update({ ratePerSecond: 10 });
    await clock.advance(150);
    bucket.update({ ratePerSecond: 100 });
    await clock.advance(1_000);
    expect(log).toEqual(['c: max-wait Infinity', 'a at 10155', 'b at 10165']);
  });

  it('to an infinite rate serves all at once', async () => {
    const bucket = make();
    const { log, call } = callers(bucket);
    call('a', 5);
    call('b', 5);
    bucket.update({ ratePerSecond: Infinity });
    await clock.advance(0);
    expect([log, clock.pending]).toEqual([['a at 0', 'b at 0'], 0]);
  });
});

describe('windows', () => {
  it('fixed: callers spill into the windows that follow, and none is split', async () => {
    const { log, call } = callers(new FixedWindow({ limit: 5, windowMs: 100, clock }));
    for (const permits of [4, 3, 2, 1, 5]) call(String(permits), permits);
    await clock.advance(1_000);
    expect(log).toEqual(['4 at 0', '3 at 100', '2 at 100', '1 at 200', '5 at 300']);
  });

  it('fixed by the clock: at its multiples', async () => {
    await clock.advance(30);
    const { log, call } = callers(new FixedWindow({ limit: 1, windowMs: 100, align: 'clock', clock }));
    for (const who of ['a', 'b', 'c']) call(who);
    await clock.advance(1_000);
    expect(log).toEqual(['a at 30', 'b at 100', 'c at 200']);
  });

  it('a sliding log: as each entry leaves', async () => {
    const limiter = new SlidingWindowLog({ limit: 2, windowMs: 100, clock });
    const { log, call } = callers(limiter);
    call('a');
    await clock.advance(30);
    for (const who of ['b', 'c', 'd', 'e']) call(who);
    call('too late', 1, { maxWaitMs: 199 });
    await clock.advance(1_000);
    expect(log).toEqual(['a at 0', 'b at 30', 'too late: max-wait 200', 'c at 100', 'd at 130', 'e at 200']);
  });

  it.each<[string, () => RateLimiter]>([
    ['fixed', () => new FixedWindow({ limit: 5, windowMs: 100, clock })],
    ['a sliding log', () => new SlidingWindowLog({ limit: 5, windowMs: 100, clock })],
    ['a sliding counter', () => new SlidingWindowCounter({ limit: 5, windowMs: 100, clock })],
  ])('%s: nothing is left for others while somebody waits', async (_, makeWindow) => {
    const limiter = makeWindow();
    limiter.tryAcquire(4);
    const ctx = withCancel();
    const gone = expect(limiter.acquire(2, { signal: ctx })).rejects.toBe('left');
    expect(limiter.peek(0)).toMatchObject({ allowed: false, remaining: 0 });
    ctx.cancel('left');
    await gone;
    expect(limiter.peek(0)).toMatchObject({ allowed: true, remaining: 1 });
  });

  it('a sliding log: what is foreseen changes nothing of what has been', async () => {
    const limiter = new SlidingWindowLog({ limit: 8, windowMs: 100, clock });
    const { log, call } = callers(limiter);
    limiter.tryAcquire(8);
    for (const who of ['a', 'b', 'c']) call(who, 4);
    await clock.advance(1_000);
    expect(log).toEqual(['a at 100', 'b at 100', 'c at 200']);
  });

  it('a sliding counter: as the previous window leaves', async () => {
    const { log, call } = callers(new SlidingWindowCounter({ limit: 4, windowMs: 100, clock }));
    for (const who of ['a', 'b', 'c', 'd', 'e', 'f']) call(who);
    await clock.advance(1_000);
    expect(log).toEqual(['a at 0', 'b at 0', 'c at 0', 'd at 0', 'e at 125', 'f at 150']);
  });
});

describe('execute', () => {
  it('waits for its permits, and then makes the call, with the context of its caller', async () => {
    const ctx = withCancel();
    const bucket = make();
    const seen = bucket.execute((own) => [own === ctx, clock.now() - 5_000], { signal: ctx, permits: 2 });
    await clock.advance(200);
    await expect(seen).resolves.toEqual([true, 200]);
    expect(bucket.tokens).toBe(0);
    ctx.cancel();
  });

  it('makes no call when it is refused, or when its caller has given up', async () => {
    const operation = jest.fn();
    const bucket = make();
    await expect(bucket.execute(operation, { maxWaitMs: 0, key: 'ignored' })).rejects.toBeInstanceOf(RateLimitError);
    await expect(bucket.execute(operation, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    const ctx = withCancel();
    // Served, and gone before it runs on.
    const leave = (): void => {
      ctx.cancel('at the last moment');
    };
    subscribe('patterns:ratelimit:wait', leave);
    const ended = expect(bucket.execute(operation, { signal: ctx })).rejects.toBe('at the last moment');
    await clock.advance(200);
    unsubscribe('patterns:ratelimit:wait', leave);
    await ended;
    expect(operation).not.toHaveBeenCalled();
  });

  it('passes on what the operation throws or rejects with, and the permits stay taken', async () => {
    const bucket = make({ initial: 2 });
    const failure = new RangeError('no');
    await expect(bucket.execute(() => Promise.reject(failure))).rejects.toBe(failure);
    await expect(
      bucket.execute(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(bucket.tokens).toBe(0);
  });

  it('wraps a function, with its arguments and its this', async () => {
    const account = {
      balance: 1,
      deposit: make({ initial: 1 }).wrap(function (this: { balance: number }, amount: number) {
        return (this.balance += amount);
      }),
    };
    await expect(account.deposit(2)).resolves.toBe(3);
  });

  it('rejects misuse', async () => {
    const bucket = make();
    await expect(bucket.execute(undefined as never)).rejects.toThrow('operation must be a function');
    expect(() => bucket.wrap(1 as never)).toThrow('fn must be a function, got 1');
    await expect(bucket.acquire(-1)).rejects.toThrow(RangeError);
    await expect(bucket.acquire({ permits: 2 } as never)).rejects.toThrow('permits must be an integer');
    await expect(bucket.acquire(1, { maxWaitMs: NaN })).rejects.toThrow('maxWaitMs must be ');
    await expect(bucket.acquire(1, { maxWaitMs: null as never })).rejects.toThrow('maxWaitMs must be ');
    await expect(bucket.execute(() => 1, { permits: null as never })).rejects.toThrow('permits must be an integer');
    expect(() => bucket.reserve(1, { maxWaitMs: null as never })).toThrow('maxWaitMs must be ');
    await expect(bucket.acquire(1, { signal: null as never })).rejects.toThrow('signal must be an AbortSignal');
    expect(() => bucket.reserve(1, { maxWaitMs: -1 })).toThrow('maxWaitMs must be ');
    expect(bucket.tokens).toBe(0);
  });
});

describe('diagnostics', () => {
  const channels = [
    'patterns:ratelimit:decision',
    'patterns:ratelimit:wait',
    'patterns:ratelimit:rate-change',
  ] as const;
  const published = async (run: () => unknown): Promise<unknown[]> => {
    using recorder = recordDiagnostics<RateLimitDiagnostics>(channels);
    await run();
    return recorder.records.map(({ name, message }) => [name.replace('patterns:ratelimit:', ''), message]);
  };
  const decision = (permits: number, allowed: boolean, retryAfterMs: number): unknown => [
    'decision',
    { name: 'api', key: undefined, permits, allowed, retryAfterMs },
  ];

  it('tell of every answer, and not of peeking', async () => {
    const bucket = make({ initial: 3 });
    const messages = await published(async () => {
      bucket.peek();
      bucket.tryAcquire();
      bucket.check();
      await bucket.acquire();
      bucket.tryAcquire();
      bucket.check(2);
      bucket.tryAcquire(6);
      bucket.reserve(1, { maxWaitMs: 0 });
      bucket.reserve();
      await bucket.acquire(1, { maxWaitMs: 0 }).catch(() => undefined);
    });
    expect(messages).toEqual([
      decision(1, true, 0),
      decision(1, true, 0),
      decision(1, true, 0),
      decision(1, false, 100),
      decision(2, false, 200),
      decision(6, false, Infinity),
      decision(1, false, 100),
      decision(1, true, 0),
      decision(1, false, 200),
    ]);
  });

  it('tell of a wait, and of who was dropped', async () => {
    const bucket = make({ maxQueue: 2, overflow: 'drop-oldest' });
    const { call } = callers(bucket);
    const messages = await published(async () => {
      call('a');
      call('b');
      call('c');
      await clock.advance(200);
    });
    const wait = (waitedMs: number, queued: number): unknown => ['wait', { name: 'api', waitedMs, queued }];
    expect(messages).toEqual([
      decision(1, false, 100),
      decision(1, true, 0),
      wait(100, 1),
      decision(1, true, 0),
      wait(200, 0),
    ]);
  });

  it('tell of who was refused behind others', async () => {
    const bucket = make();
    const { call } = callers(bucket);
    const messages = await published(async () => {
      call('first', 2);
      call('second', 1, { maxWaitMs: 400 });
      bucket.update({ ratePerSecond: 4 });
      await clock.advance(500);
    });
    expect(messages.slice(1)).toEqual([
      decision(1, false, 100),
      decision(2, true, 0),
      ['wait', { name: 'api', waitedMs: 500, queued: 0 }],
    ]);
  });

  it('tell of a rate that changes', async () => {
    const bucket = make();
    const messages = await published(() => {
      bucket.update({ ratePerSecond: 20 });
      bucket.update({ burst: 7 });
      new FixedWindow({ limit: 1, windowMs: 500, clock }).update({ limit: 2 });
      new Gcra({ limit: 1, windowMs: 500, clock }).update({ windowMs: 250 });
      new LeakyBucket({ ratePerSecond: 3, capacity: 1, clock }).update({ ratePerSecond: 5 });
    });
    expect(messages).toEqual([
      ['rate-change', { name: 'api', fromPerSecond: 10, toPerSecond: 20 }],
      ['rate-change', { name: undefined, fromPerSecond: 2, toPerSecond: 4 }],
      ['rate-change', { name: undefined, fromPerSecond: 2, toPerSecond: 4 }],
      ['rate-change', { name: undefined, fromPerSecond: 3, toPerSecond: 5 }],
    ]);
  });

  it('may use the limiter', async () => {
    const bucket = make({ initial: 3 });
    let depth = 0;
    const reenter = (): void => {
      if (depth++ < 3) bucket.tryAcquire();
    };
    subscribe('patterns:ratelimit:decision', reenter);
    const { log, call } = callers(bucket);
    bucket.tryAcquire();
    expect(bucket.tokens).toBe(0);
    depth = 0;
    call('a');
    await clock.advance(1_000);
    expect(log).toEqual(['a at 100']);
    expect(depth).toBeGreaterThan(3);
    unsubscribe('patterns:ratelimit:decision', reenter);
  });
});
