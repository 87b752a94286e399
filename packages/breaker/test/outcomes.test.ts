import {
  BreakerOpenError,
  CircuitBreaker,
  consecutiveFailures,
  slowRate,
  lastCalls,
  type CallOutcome,
} from '@patterns/breaker';
import { withCancel, withTimeout, DeadlineExceededError, CanceledError } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import {
  defineError,
  deserialize,
  fromProblem,
  join,
  PatternError,
  RemoteError,
  serialize,
  toProblem,
  wrap,
  WrappedError,
  type ErrorType,
} from '@patterns/errors';
import { begin, down, fail, failWith, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

type Counted = 'success' | 'failure' | 'ignored' | 'nothing';

function counted(breaker: CircuitBreaker): Counted {
  const { successes, failures, ignored } = breaker.stats();
  return failures > 0 ? 'failure' : successes > 0 ? 'success' : ignored > 0 ? 'ignored' : 'nothing';
}

class Refusal extends PatternError {
  constructor(code: string, options?: { readonly phase?: string; readonly cause?: unknown }) {
    super('refused', { code, cause: options?.cause });
    Object.assign(this, { phase: options?.phase });
  }
}

function throwIt(): never {
  throw new Error('in a getter');
}

function selfAndRefusal(): unknown[] {
  const errors: unknown[] = [new BreakerOpenError('open', 5)];
  errors.push(Object.assign(new Error('part of itself'), { errors }));
  return errors;
}

const NotFound = defineError('NotFound', { code: 'NOT_FOUND', http: 404 });
const withStatus = (status: number): Error => Object.assign(new Error(`status ${status}`), { status });

describe('by default', () => {
  it.each<[string, unknown, Counted]>([
    ['an error that says nothing', down, 'failure'],
    ['undefined', undefined, 'failure'],
    ['a status of 500', withStatus(500), 'failure'],
    ['a status of 503', withStatus(503), 'failure'],
    ['a status of 429', withStatus(429), 'failure'],
    ['a broken connection', Object.assign(new Error('read'), { code: 'ECONNRESET' }), 'failure'],
    ['a timeout', new DeadlineExceededError(), 'failure'],
    ['a bug', new TypeError('x is not a function'), 'failure'],
    ['a cancellation that is not the caller’s', new CanceledError(), 'failure'],
    ['a status of 400', withStatus(400), 'success'],
    ['a status of 404', withStatus(404), 'success'],
    ['a status of 401', withStatus(401), 'success'],
    ['a status of 409', withStatus(409), 'success'],
    ['an error of the kind client, wrapped', wrap(new NotFound(), 'loading'), 'success'],
    ['a refusal of a limiter', new Refusal('ERR_RATE_LIMITED'), 'ignored'],
    ['a refusal of a throttle', new Refusal('ERR_THROTTLED'), 'ignored'],
    ['a refusal of an adaptive limit', new Refusal('ERR_LIMIT_EXCEEDED'), 'ignored'],
    ['a refusal of a bulkhead', new Refusal('ERR_BULKHEAD_FULL'), 'ignored'],
    ['a refusal of a full pool', new Refusal('ERR_POOL_FULL'), 'ignored'],
    ['a refusal of a closed pool', new Refusal('ERR_POOL_CLOSED'), 'ignored'],
    ['a task of a pool that would have waited for itself', new Refusal('ERR_NESTED_WAIT'), 'ignored'],
    [
      'a wait in the queue of a pool that took too long',
      new Refusal('ERR_TASK_TIMEOUT', { phase: 'queue' }),
      'ignored',
    ],
    ['a task of a pool that took too long', new Refusal('ERR_TASK_TIMEOUT', { phase: 'run' }), 'failure'],
    ['a wait for a resource, all of which are in use', new Refusal('ERR_ACQUIRE_TIMEOUT'), 'ignored'],
    ['a wait for a resource that cannot be made', new Refusal('ERR_ACQUIRE_TIMEOUT', { cause: down }), 'failure'],
    ['a refusal of another breaker', new BreakerOpenError('open', 5, { cause: down }), 'ignored'],
    ['a refusal, wrapped', wrap(new BreakerOpenError('open', 5), 'loading'), 'ignored'],
    ['nothing but refusals, joined', join(new Refusal('ERR_POOL_FULL'), new Refusal('ERR_THROTTLED')), 'ignored'],
    ['a refusal and a failure, joined', join(new Refusal('ERR_POOL_FULL'), down), 'failure'],
    [
      'the code of a refusal on an error of somebody else',
      Object.assign(new Error(), { code: 'ERR_POOL_FULL' }),
      'failure',
    ],
  ])('%s counts as %s', async (_, error, expected) => {
    const breaker = new CircuitBreaker();
    await failWith(breaker, error);
    expect(counted(breaker)).toBe(expected);
  });

  it.each<[string, () => Error]>([
    ['causes', () => Object.assign(new Error('outer'), { cause: new Error('inner') })],
    ['errors', () => new AggregateError([])],
  ])('an error that comes to itself through its %s is a failure, and does no harm', async (member, make) => {
    const error = make();
    if (member === 'causes') (error.cause as Error).cause = error;
    else (error as AggregateError).errors.push(error);
    const breaker = new CircuitBreaker();
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
    expect(counted(breaker)).toBe('failure');
  });

  it('a value counts as success, also after the caller has cancelled', async () => {
    const breaker = new CircuitBreaker();
    const controller = new AbortController();
    const call = begin(breaker, controller.signal);
    controller.abort();
    await expect(call.succeed(1)).resolves.toBe(1);
    expect(counted(breaker)).toBe('success');
  });

  class Unregistered extends PatternError {
    static readonly code: string = 'ERR_BULKHEAD_FULL';
    override readonly code = 'ERR_BULKHEAD_FULL';
  }
  const overHttp = (error: unknown): Error => fromProblem(JSON.parse(JSON.stringify(toProblem(error))));
  const onTheWire = (error: unknown): Error => deserialize(JSON.parse(JSON.stringify(serialize(error))));

  it.each<[string, Error, ErrorType]>([
    ['whose class is not known here', overHttp(new Unregistered('full')), RemoteError],
    ['whose class is, in a response', overHttp(new BreakerOpenError('open', 5)), BreakerOpenError],
    ['whose class is, in a message', onTheWire(new BreakerOpenError('open', 5)), BreakerOpenError],
    ['and was wrapped there', onTheWire(wrap(new BreakerOpenError('open', 5), 'loading')), WrappedError],
    ['and is wrapped here', wrap(overHttp(new BreakerOpenError('open', 5)), 'loading'), WrappedError],
  ])('what a policy of another process refused is a failure of the target: one %s', async (_, error, type) => {
    expect(error).toBeInstanceOf(type);
    const breaker = new CircuitBreaker();
    await failWith(breaker, error);
    expect(counted(breaker)).toBe('failure');
  });

  it.each<[string, unknown]>([
    ['the reason of its signal', new CanceledError()],
    ['the error of a library', new Error('request aborted')],
    ['a status', withStatus(500)],
  ])('an error after the caller has cancelled is ignored: %s', async (_, error) => {
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(1) });
    const controller = new AbortController();
    const call = begin(breaker, controller.signal);
    controller.abort();
    await expect(call.fail(error)).resolves.toBe(error);
    const ctx = withCancel();
    const inContext = breaker.execute(
      () => {
        ctx.cancel(new Error('a cause of its own'));
        throw error;
      },
      { signal: ctx },
    );
    await expect(inContext).rejects.toBe(error);
    expect(breaker.stats()).toMatchObject({ state: 'closed', ignored: 2, calls: 0 });
  });

  it('a deadline that passed is no cancellation: the target was too slow', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    using ctx = withTimeout(undefined, 100, { clock });
    const call = breaker.execute(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
      { signal: ctx },
    );
    const settled = expect(call).rejects.toBeInstanceOf(DeadlineExceededError);
    await clock.advance(100);
    await settled;
    expect(counted(breaker)).toBe('failure');
  });

  it('nor is the timeout of an AbortSignal', async () => {
    const breaker = new CircuitBreaker();
    const controller = new AbortController();
    const call = begin(breaker, controller.signal);
    const reason = new DOMException('too slow', 'TimeoutError');
    controller.abort(reason);
    await expect(call.fail(reason)).resolves.toBe(reason);
    expect(counted(breaker)).toBe('failure');
  });

  it('an error that cannot be read, or is its own cause, is a failure', async () => {
    const breaker = new CircuitBreaker();
    const hostile = {
      get code(): never {
        throw new Error('in a getter');
      },
      get errors(): never {
        throw new Error('in a getter');
      },
    };
    const circular: { cause?: unknown } = new Error('circular');
    circular.cause = circular;
    await failWith(breaker, hostile);
    await failWith(breaker, circular);
    expect(breaker.stats().failures).toBe(2);
  });

  it.each<[string, unknown]>([
    ['has a getter in the list', Object.defineProperty([down], 0, { get: () => throwIt() })],
    ['has a length that throws', new Proxy([down], { get: () => throwIt() })],
    ['has holes', new Array(2)],
    ['is part of itself, beside a refusal', selfAndRefusal()],
  ])('so is one whose list of errors %s, and the caller gets it', async (_, errors) => {
    const breaker = new CircuitBreaker();
    const error = Object.assign(new Error('several'), { errors });
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
    const judged = new CircuitBreaker({ isFailure: (_, byDefault) => byDefault });
    await expect(judged.execute(() => Promise.reject(error))).rejects.toBe(error);
    expect([counted(breaker), counted(judged)]).toEqual(['failure', 'failure']);
  });

  it.each<[string, Error, Counted]>([
    ['refusal', new BreakerOpenError('open', 5), 'ignored'],
    ['failure', down, 'failure'],
  ])('a %s that is part of an error in very many ways is asked once', async (_, part, expected) => {
    let asked = 0;
    const counting = new Proxy(part, {
      get: (target, key) => {
        if (key === 'code') asked++;
        return Reflect.get(target, key) as unknown;
      },
    });
    let error = join(counting, new BreakerOpenError('open', 5));
    for (let n = 0; n < 20; n++) error = join(error, error);
    const breaker = new CircuitBreaker({ isFailure: (_, byDefault) => byDefault });
    await failWith(breaker, error);
    expect(counted(breaker)).toBe(expected);
    expect(asked).toBeLessThan(10);
  });
});

describe('isFailure', () => {
  it('may answer with anything: a rule hears yes or no', async () => {
    const heard: unknown[] = [];
    const answers: unknown[] = [undefined, null, 0, 1, 'yes'];
    const breaker = new CircuitBreaker({
      isFailure: () => answers[heard.length] as boolean,
      trip: {
        name: 'listening',
        start: () => ({
          record: (failed) => {
            heard.push(failed);
            return false;
          },
          counts: () => undefined,
        }),
      },
    });
    await succeed(breaker, answers.length);
    expect(heard).toEqual([false, false, false, true, true]);
  });

  const clock = new ManualClock();

  it('judges values and errors, and the caller gets them all the same', async () => {
    const seen: CallOutcome[] = [];
    const breaker = new CircuitBreaker({
      clock,
      trip: consecutiveFailures(2),
      isFailure: (outcome) => {
        seen.push(outcome);
        return outcome.ok ? outcome.value === null : outcome.error === down ? 'ignore' : true;
      },
    });
    await expect(
      breaker.execute(() => {
        clock.ms += 7;
        return null;
      }),
    ).resolves.toBeNull();
    await fail(breaker);
    expect(breaker.stats()).toMatchObject({ failures: 1, ignored: 1, consecutiveFailures: 1 });
    await failWith(breaker, undefined);
    expect(breaker.state).toBe('open');
    expect(seen).toEqual([
      { ok: true, value: null, durationMs: 7 },
      { ok: false, error: down, durationMs: 0 },
      { ok: false, error: undefined, durationMs: 0 },
    ]);
  });

  it("may say 'ignore' of a value, which then counts as neither and gives a trial back", async () => {
    const breaker = new CircuitBreaker({
      clock,
      trip: consecutiveFailures(2),
      openMs: 1_000,
      isFailure: ({ ok, value }) => (value === 'cached' ? 'ignore' : !ok),
    });
    const fromCache = (): Promise<string> => breaker.execute(() => 'cached');
    await fail(breaker);
    await expect(fromCache()).resolves.toBe('cached');
    expect(breaker.executeSync(() => 'cached')).toBe('cached');
    breaker.tryAcquire()?.success('cached');
    expect(breaker.stats()).toMatchObject({ calls: 1, successes: 0, failures: 1, ignored: 3, consecutiveFailures: 1 });
    await fail(breaker);
    expect(breaker.state).toBe('open');
    clock.ms += 1_000;
    await fromCache();
    expect(breaker.stats()).toMatchObject({ state: 'half-open', calls: 0, ignored: 4 });
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
  });

  it('is told what the default says', async () => {
    const verdicts: unknown[] = [];
    const breaker = new CircuitBreaker({
      isFailure: (_, byDefault) => {
        verdicts.push(byDefault);
        return byDefault;
      },
    });
    const controller = new AbortController();
    const call = begin(breaker, controller.signal);
    controller.abort();
    await call.fail();
    await fail(breaker);
    await failWith(breaker, withStatus(404));
    await succeed(breaker);
    expect(verdicts).toEqual(['ignore', true, false, false]);
  });

  it('hears of permits too, but not of those that are given back', () => {
    const isFailure = jest.fn(({ ok }: CallOutcome) => !ok);
    const breaker = new CircuitBreaker({ clock, isFailure });
    breaker.tryAcquire()?.success('value');
    breaker.tryAcquire()?.failure(down);
    breaker.tryAcquire()?.ignore();
    expect(isFailure.mock.calls.map(([outcome]) => outcome)).toEqual([
      { ok: true, value: 'value', durationMs: 0 },
      { ok: false, error: down, durationMs: 0 },
    ]);
    expect(breaker.stats()).toMatchObject({ successes: 1, failures: 1, ignored: 1 });
  });

  it('is not asked about a call that no longer counts', async () => {
    const isFailure = jest.fn(() => true);
    const breaker = new CircuitBreaker({ isFailure });
    const call = begin(breaker);
    breaker.reset();
    await call.succeed();
    expect(isFailure).not.toHaveBeenCalled();
  });
});

describe('slow calls', () => {
  const clock = new ManualClock();
  const taking = (ms: number) => () => {
    clock.ms += ms;
  };

  it('are those longer than slowCallMs, whether they succeed or fail', async () => {
    const breaker = new CircuitBreaker({ clock, slowCallMs: 100 });
    await breaker.execute(taking(100));
    await breaker.execute(taking(100.5));
    await breaker
      .execute(() => {
        clock.ms += 200;
        throw down;
      })
      .catch(() => undefined);
    expect(breaker.stats()).toMatchObject({ calls: 3, failures: 1, slow: 2, slowRate: 2 / 3 });
  });

  it('open the breaker by the slow-call rule though none fails', async () => {
    const breaker = new CircuitBreaker({
      clock,
      slowCallMs: 100,
      trip: slowRate({ threshold: 0.5, window: lastCalls(10), minimumCalls: 4 }),
    });
    await breaker.execute(taking(10));
    await breaker.execute(taking(10));
    await breaker.execute(taking(500));
    expect(breaker.state).toBe('closed');
    await breaker.execute(taking(500));
    expect(breaker.state).toBe('open');
  });

  it('show in the percentiles of the summary, to 1 %', async () => {
    const breaker = new CircuitBreaker({ clock, durations: true });
    for (let ms = 100; ms > 0; ms--) await breaker.execute(taking(ms));
    const { count, mean, p50 = 0, p90 = 0, p99 = 0, max } = breaker.stats().durationMs ?? {};
    expect({ count, mean, max }).toEqual({ count: 100, mean: 50.5, max: 100 });
    for (const [found, expected] of [
      [p50, 50],
      [p90, 90],
      [p99, 99],
    ] as const) {
      expect(Math.abs(found / expected - 1)).toBeLessThanOrEqual(0.01);
    }
  });

  it('fill the summary of durations with all that counted in the last one to two minutes', async () => {
    const breaker = new CircuitBreaker({ clock, durations: true });
    expect(breaker.stats().durationMs).toMatchObject({ count: 0, mean: 0 });
    await breaker.execute(taking(10));
    await breaker.execute(taking(30));
    breaker.tryAcquire()?.ignore();
    expect(breaker.stats().durationMs).toMatchObject({ count: 2, mean: 20, max: 30 });
    clock.ms += 60_000;
    await breaker.execute(taking(50));
    expect(breaker.stats().durationMs).toMatchObject({ count: 3, max: 50 });
    clock.ms += 60_000;
    expect(breaker.stats().durationMs).toMatchObject({ count: 1, max: 50 });
    clock.ms += 3_600_000;
    expect(breaker.stats().durationMs).toMatchObject({ count: 0, max: 0 });
    await breaker.execute(taking(70));
    clock.ms += 120_000;
    expect(breaker.stats().durationMs).toMatchObject({ count: 0, max: 0 });
    await breaker.execute(taking(1));
    breaker.reset();
    expect(breaker.stats().durationMs).toMatchObject({ count: 0 });
    expect(new CircuitBreaker().stats().durationMs).toBeUndefined();
  });
});
