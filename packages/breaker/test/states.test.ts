import {
  BreakerOpenError,
  CircuitBreaker,
  consecutiveFailures,
  failureRate,
  lastCalls,
  lastMs,
  type BreakerStateChange,
} from '@patterns/breaker';
import { background, type Context } from '@patterns/context';
import { classify, deserialize, serialize } from '@patterns/errors';
import { begin, down, fail, failWith, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
let changes: BreakerStateChange[];
beforeEach(() => {
  clock.ms = 1_000;
  changes = [];
});

function tripsAfter(failures: number): CircuitBreaker {
  return new CircuitBreaker({
    name: 'db',
    clock,
    trip: consecutiveFailures(failures),
    openMs: 500,
    onStateChange: (event) => changes.push(event),
  });
}

describe('a call', () => {
  it('gets the context of its caller, and background without one', async () => {
    const breaker = new CircuitBreaker();
    let seen: Context | undefined;
    await breaker.execute((ctx) => (seen = ctx));
    expect(seen).toBe(background());
    const controller = new AbortController();
    await breaker.execute((ctx) => (seen = ctx), { signal: controller.signal });
    expect(seen?.signal).toBe(controller.signal);
  });

  it('ends as the operation does, whatever that gives or throws', async () => {
    const breaker = new CircuitBreaker();
    await expect(breaker.execute(() => undefined)).resolves.toBeUndefined();
    await expect(breaker.execute(() => Promise.resolve(1))).resolves.toBe(1);
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    const thenable: PromiseLike<number> = { then: (ok) => Promise.resolve(2).then(ok) };
    await expect(breaker.execute(() => thenable)).resolves.toBe(2);
    expect(breaker.stats()).toMatchObject({ calls: 4, failures: 1, consecutiveSuccesses: 1 });
  });

  it('that gives a promise with a `then` of its own ends as `await` says, and is counted once', async () => {
    const breaker = new CircuitBreaker();
    const ofItsOwn = (then: unknown): Promise<string> =>
      Object.assign(Promise.resolve('awaited'), { then: then as Promise<string>['then'] });
    await expect(breaker.execute(() => ofItsOwn(() => 'returned'))).resolves.toBe('awaited');
    const twice = (onValue: (value: string) => void, onError: (error: unknown) => void): void => {
      onValue('first');
      onError(down);
    };
    await expect(breaker.execute(() => ofItsOwn(twice))).resolves.toBe('awaited');
    const throwing = (): never => {
      throw down;
    };
    await expect(breaker.execute(() => ofItsOwn(throwing))).resolves.toBe('awaited');
    expect(breaker.stats()).toMatchObject({ calls: 3, failures: 0 });
  });

  it('that throws undefined has failed', async () => {
    const breaker = tripsAfter(1);
    await failWith(breaker, undefined);
    expect(breaker.state).toBe('open');
  });

  it('is not made, and not counted, if its caller has given up before', async () => {
    const breaker = tripsAfter(1);
    const operation = jest.fn();
    const reason = new Error('gone');
    await expect(breaker.execute(operation, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await fail(breaker);
    await expect(breaker.execute(operation, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().rejected).toBe(0);
  });

  it('without an operation, or with a signal that is none, is an error of the caller and not of the target', async () => {
    const breaker = tripsAfter(1);
    await expect(breaker.execute(undefined as never)).rejects.toThrow(TypeError);
    await expect(breaker.execute(() => 1, { signal: null as never })).rejects.toThrow('signal');
    expect(() => breaker.wrap(undefined as never)).toThrow('fn must be a function');
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0 });
  });

  it('of a wrapped function gets its arguments and its this', async () => {
    const breaker = new CircuitBreaker();
    const counter = {
      step: 2,
      add: breaker.wrap(function (this: { step: number }, a: number, b: number) {
        return Promise.resolve(this.step + a + b);
      }),
    };
    await expect(counter.add(3, 4)).resolves.toBe(9);
    expect(breaker.stats().successes).toBe(1);
  });
});

describe('closed', () => {
  it('opens when the trip rule says so, before the call that caused it settles', async () => {
    const breaker = tripsAfter(2);
    await fail(breaker);
    expect(breaker.state).toBe('closed');
    const states: string[] = [];
    await breaker
      .execute(() => Promise.reject(down))
      .catch(() => {
        states.push(breaker.state, ...changes.map(({ to }) => to));
      });
    expect(states).toEqual(['open', 'open']);
  });

  it('ignores the outcome of a call admitted before the breaker opened, was closed or was reset', async () => {
    const breaker = tripsAfter(1);
    const early = begin(breaker);
    await fail(breaker);
    clock.ms += 500;
    expect(breaker.state).toBe('half-open');
    await early.succeed();
    expect(breaker.state).toBe('half-open');

    const trial = begin(breaker);
    breaker.close();
    await trial.fail();
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0 });

    const call = begin(breaker);
    breaker.reset();
    await call.fail();
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0, consecutiveFailures: 0 });
  });

  it('by default opens on the fifth failure in a row', async () => {
    const breaker = new CircuitBreaker({ clock });
    await fail(breaker, 4);
    await succeed(breaker);
    await fail(breaker, 4);
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    expect(breaker.state).toBe('open');
  });

  it.each([
    // calls in turns, then a pause, then calls; what that leads to
    ['fs'.repeat(9) + 'f', 0, '', 'closed'],
    ['sf'.repeat(9) + 's', 0, 'f', 'open'],
    ['sf'.repeat(9) + 's', 0, 'sf', 'closed'],
    ['sf'.repeat(9) + 's', 0, 'sff', 'open'],
    ['sf'.repeat(9) + 's', 8_999, 'f', 'open'],
    ['sf'.repeat(9) + 's', 10_000, 'f', 'closed'],
    ['sf'.repeat(9) + 's', 10_000, 'sf'.repeat(10), 'open'],
  ])(
    'by default opens at half of 20 calls or more in 10 s, also where no five in a row fail: %s, %d ms, %s is %s',
    async (before, pauseMs, after, state) => {
      const breaker = new CircuitBreaker({ clock });
      const make = async (calls: string): Promise<void> => {
        for (const call of calls) await (call === 's' ? succeed(breaker) : fail(breaker));
      };
      await make(before);
      expect(breaker.state).toBe('closed');
      clock.ms += pauseMs;
      await make(after);
      expect(breaker.state).toBe(state);
    },
  );

  it('counts a call at the moment at which it settles, however long ago it began', async () => {
    const breaker = new CircuitBreaker({
      clock,
      trip: failureRate({ threshold: 0.5, window: lastMs(10_000), minimumCalls: 2 }),
    });
    const calls = [begin(breaker), begin(breaker)];
    clock.ms += 60_000;
    await calls[0]?.fail();
    expect(breaker.stats()).toMatchObject({ calls: 1, failures: 1 });
    clock.ms += 8_999;
    expect(breaker.stats().calls).toBe(1);
    await calls[1]?.fail();
    expect(breaker.state).toBe('open');
  });

  it('begins each period with an empty window', async () => {
    const breaker = new CircuitBreaker({
      clock,
      openMs: 500,
      trip: failureRate({ threshold: 0.5, window: lastCalls(10), minimumCalls: 4 }),
    });
    await fail(breaker, 4);
    expect(breaker.state).toBe('open');
    expect(breaker.stats().calls).toBe(0);
    clock.ms += 500;
    await succeed(breaker);
    await fail(breaker, 3);
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 3, failures: 3 });
    await fail(breaker);
    expect(breaker.state).toBe('open');
  });
});

describe('open', () => {
  it('refuses without a call, and says until when, and why', async () => {
    const breaker = tripsAfter(1);
    await fail(breaker);
    clock.ms += 100;
    const operation = jest.fn();
    const error: unknown = await breaker.execute(operation).catch((caught: unknown) => caught);
    expect(operation).not.toHaveBeenCalled();
    expect(error).toBeInstanceOf(BreakerOpenError);
    expect(error).toMatchObject({
      name: 'BreakerOpenError',
      code: 'ERR_BREAKER_OPEN',
      message: "circuit breaker 'db' is open; retry in 400 ms",
      state: 'open',
      retryAfterMs: 400,
      policy: 'db',
      cause: down,
    });
    expect(breaker.retryAfterMs).toBe(400);
    expect(classify(error)).toEqual({ kind: 'unavailable', retryable: true, retryAfterMs: 400 });
  });

  it('refuses with an error of its own for each call, without a stack', async () => {
    const breaker = tripsAfter(1);
    await fail(breaker);
    const [one, other] = await Promise.allSettled([breaker.execute(() => 1), breaker.execute(() => 1)]);
    const errors = [one, other].map((result) => (result.status === 'rejected' ? (result.reason as Error) : undefined));
    expect(errors[0]).not.toBe(errors[1]);
    expect(errors[0]?.stack).toBe(`BreakerOpenError: ${errors[0]?.message ?? ''}`);
  });

  it('counts refusals as rejected and nowhere else', async () => {
    const breaker = tripsAfter(1);
    await fail(breaker);
    await fail(breaker, 3);
    expect(() => breaker.executeSync(() => 1)).toThrow(BreakerOpenError);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.stats()).toMatchObject({ rejected: 5, calls: 0, failures: 0, ignored: 0 });
  });

  it.each([
    [499.9, 'open'],
    [500, 'half-open'],
    [1e9, 'half-open'],
  ])('%d ms after opening for 500 ms is %s', async (ms, state) => {
    const breaker = tripsAfter(1);
    await fail(breaker);
    clock.ms += ms;
    expect(breaker.state).toBe(state);
  });

  it('is half-open at exactly the end of the open time, though sums of fractions round', async () => {
    clock.ms = 0.1;
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: 0.2 });
    await fail(breaker);
    clock.ms = 0.3;
    expect(0.3 - 0.1).toBeLessThan(0.2);
    expect(breaker.retryAfterMs).toBe(0);
    expect(breaker.state).toBe('half-open');
  });

  it('for Infinity stays open until it is closed or reset', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: Infinity });
    await fail(breaker);
    clock.ms += 1e12;
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', Infinity]);
    breaker.close();
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    breaker.reset();
    expect(breaker.state).toBe('closed');
  });

  it('for 0 ms lets the next call try', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: 0 });
    await fail(breaker);
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
  });

  it('by default lasts 5 s, doubling to a minute while the trials fail, and longer where the target asks for it', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), random: () => 0.5 });
    const busy = Object.assign(new Error('busy'), { retryAfterMs: 45_000 });
    for (const ms of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      await fail(breaker);
      expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', ms]);
      clock.ms += ms;
    }
    await succeed(breaker);
    await failWith(breaker, busy);
    expect(breaker.retryAfterMs).toBe(45_000);
    clock.ms += 45_000;
    await fail(breaker);
    expect(breaker.retryAfterMs).toBe(10_000);
  });

  it('stays open for longer with each time that the trials fail, and starts again after closing', async () => {
    const asked: [number, unknown][] = [];
    const breaker = new CircuitBreaker({
      clock,
      trip: consecutiveFailures(1),
      openMs: (opens, error) => {
        asked.push([opens, error]);
        return opens * 100;
      },
    });
    await fail(breaker);
    for (const ms of [100, 200]) {
      expect(breaker.retryAfterMs).toBe(ms);
      clock.ms += ms;
      await fail(breaker);
    }
    expect(breaker.stats().consecutiveOpens).toBe(3);
    clock.ms += 300;
    await succeed(breaker);
    expect(breaker.stats().consecutiveOpens).toBe(0);
    await fail(breaker);
    expect(asked).toEqual([1, 2, 3, 1].map((opens) => [opens, down]));
  });
});

describe('a change of state', () => {
  it('is told with its reason, time, error and the counts of the period that ended', async () => {
    const breaker = tripsAfter(2);
    await succeed(breaker);
    await fail(breaker, 2);
    await fail(breaker);
    clock.ms += 600;
    await succeed(breaker);
    expect(changes).toMatchObject([
      {
        name: 'db',
        from: 'closed',
        to: 'open',
        reason: 'rule',
        atMs: 1_000,
        retryAfterMs: 500,
        error: down,
        stats: { state: 'closed', calls: 3, failures: 2, consecutiveFailures: 2, consecutiveOpens: 0, rejected: 0 },
      },
      {
        from: 'open',
        to: 'half-open',
        reason: 'elapsed',
        atMs: 1_600,
        retryAfterMs: 0,
        error: down,
        stats: { state: 'open', calls: 0, rejected: 1, consecutiveOpens: 1 },
      },
      {
        from: 'half-open',
        to: 'closed',
        reason: 'trial-succeeded',
        stats: { state: 'half-open', calls: 1, successes: 1, consecutiveOpens: 1 },
      },
    ]);
    expect(changes).toHaveLength(3);
  });

  it('that time has brought about is noticed by reading state, retryAfterMs, stats, snapshot or tryAcquire', async () => {
    const uses: ((breaker: CircuitBreaker) => unknown)[] = [
      (breaker) => breaker.state,
      (breaker) => breaker.retryAfterMs,
      (breaker) => breaker.stats(),
      (breaker) => breaker.snapshot(),
      (breaker) => breaker.tryAcquire(),
    ];
    for (const use of uses) {
      changes = [];
      const breaker = tripsAfter(1);
      await fail(breaker);
      clock.ms += 500;
      expect(changes).toHaveLength(1);
      use(breaker);
      expect(changes.map(({ reason }) => reason)).toEqual(['rule', 'elapsed']);
    }
  });
});

describe('BreakerOpenError', () => {
  it('comes back from the wire as what it was', () => {
    const error = new BreakerOpenError('open', 250, { policy: 'db' });
    const back = deserialize(JSON.parse(JSON.stringify(serialize(error))));
    expect(back).toBeInstanceOf(BreakerOpenError);
    expect(back).toMatchObject({ code: 'ERR_BREAKER_OPEN', retryAfterMs: 250, policy: 'db', message: error.message });
  });

  it('has no time to say for one that is isolated', () => {
    expect(new BreakerOpenError('isolated', Infinity).message).toBe('the circuit breaker is isolated');
  });

  it('remembers the last failure, and no success in its place', async () => {
    const seen: unknown[] = [];
    const breaker = new CircuitBreaker({
      clock,
      trip: consecutiveFailures(2),
      openMs: 100,
      halfOpen: { maxCalls: 2, successRate: 0.5 },
      onStateChange: ({ to, error }) => seen.push([to, error]),
    });
    await fail(breaker);
    await succeed(breaker);
    breaker.open();
    clock.ms += 100;
    const late = new Error('in a trial');
    await failWith(breaker, late);
    await succeed(breaker);
    breaker.open();
    expect(seen).toEqual([
      ['open', down],
      ['half-open', down],
      ['closed', late],
      ['open', late],
    ]);
  });

  it('counts slow calls also with a rule that keeps no window', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(2), slowCallMs: 10 });
    await breaker.execute(() => void (clock.ms += 11));
    await succeed(breaker);
    expect(breaker.stats()).toMatchObject({ calls: 2, slow: 1 });
  });

  it('is half-open at once where openMs gives 0', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: () => 0 });
    await fail(breaker);
    expect(breaker.state).toBe('half-open');
  });
});
