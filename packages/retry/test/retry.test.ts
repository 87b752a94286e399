import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { background, createKey, withCancel, withTimeout, withValue, type Clock } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { permanent, transient } from '@patterns/errors';
import {
  attemptOf,
  constant,
  currentAttempt,
  exponential,
  retry,
  RetryPolicy,
  sequence,
  type AttemptContext,
  type AttemptInfo,
  type RetryEvent,
  type RetryOptions,
} from '@patterns/retry';
import { runUntilSettled } from './run-until-settled.ts';

/** Fails so many times, then gives the number of the call. */
function failing(times: number, error: Error = new Error('down')): () => Promise<number> {
  let calls = 0;
  return () => (++calls <= times ? Promise.reject(error) : Promise.resolve(calls));
}
const noDelay: RetryOptions = { backoff: constant(0) };

describe('retry', () => {
  it('gives what the operation gives, at once', async () => {
    const value = {};
    expect(await retry(() => value)).toBe(value);
    expect(await retry(() => Promise.resolve(value))).toBe(value);
    expect(await retry<unknown>(() => undefined)).toBeUndefined();
    expect(
      await retry(() => ({
        then: (resolve: (v: unknown) => void) => {
          resolve(value);
        },
      })),
    ).toBe(value);
  });

  it('takes a function that is thenable for a promise, and any other for a value', async () => {
    const value = (): undefined => undefined;
    expect(await retry(() => value)).toBe(value);
    const then = (resolve: (value: number) => void): void => {
      resolve(7);
    };
    expect(await retry<unknown>(() => Object.assign(() => undefined, { then }))).toBe(7);
  });

  it.each([
    ['an object', {}],
    ['a function', () => undefined],
  ])('retries what a thenable rejects with: %s', async (_, thenable) => {
    const then = (_resolve: unknown, reject: (error: Error) => void): void => {
      reject(new Error('down'));
    };
    Object.assign(thenable, { then });
    for (const options of [{}, { attemptTimeoutMs: 60_000 }, { retryResultIf: () => false }]) {
      let calls = 0;
      const call = retry(() => (++calls, thenable), { ...noDelay, ...options });
      await expect(call).rejects.toThrow('down');
      expect(calls).toBe(3);
    }
  });

  it('asks a promise by the method of the platform, whatever `then` of its own it has', async () => {
    const promise = Object.assign(Promise.resolve(7), { then: () => 'its own' });
    const call = retry(() => promise);
    expect(call).toBeInstanceOf(Promise);
    expect(await call).toBe(7);
  });

  it('calls until it succeeds', async () => {
    expect(await retry(failing(2), noDelay)).toBe(3);
  });

  it('makes three calls by default', async () => {
    const down = new Error('down');
    let calls = 0;
    await expect(
      retry(() => {
        calls++;
        throw down;
      }, noDelay),
    ).rejects.toBe(down);
    expect(calls).toBe(3);
  });

  it('counts calls, not retries', async () => {
    for (const maxAttempts of [1, 2, 7]) {
      let calls = 0;
      await retry(
        () => {
          calls++;
          throw new Error();
        },
        { ...noDelay, maxAttempts },
      ).catch(() => undefined);
      expect(calls).toBe(maxAttempts);
    }
  });

  it('goes on for as long as it takes with Infinity', async () => {
    expect(await retry(failing(500), { ...noDelay, maxAttempts: Infinity })).toBe(501);
  });

  it.each([undefined, null, 0, '', NaN, { then: 1 }])(
    'takes a thrown %p for a failure, and passes it on',
    async (thrown) => {
      let calls = 0;
      const call = retry(() => {
        calls++;
        throw thrown as unknown as Error;
      }, noDelay);
      expect(
        await call.then(
          () => 'resolved',
          (error: unknown) => [error],
        ),
      ).toEqual([thrown]);
      expect(calls).toBe(3);
    },
  );

  it('does not retry what is a bug, by default', async () => {
    let calls = 0;
    await expect(
      retry(() => {
        calls++;
        return (undefined as unknown as { x: 1 }).x;
      }, noDelay),
    ).rejects.toThrow(TypeError);
    expect(calls).toBe(1);
  });

  it('waits the delays of the backoff, and not after the last attempt', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const call = retry(
      () => {
        at.push(clock.now());
        throw new Error();
      },
      { clock, maxAttempts: 4, backoff: sequence([5, 50, 500]) },
    );
    void call.catch(() => at.push(clock.now()));
    await clock.runAll();
    expect(at).toEqual([0, 5, 55, 555, 555]);
  });

  it('has full jitter from an exponential backoff by default, drawn from `random`', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const options = { clock, maxAttempts: 5, random: () => 0.5 };
    const call = retry(() => {
      at.push(clock.now());
      throw new Error();
    }, options).catch(() => undefined);
    await clock.runAll();
    await call;
    expect(at).toEqual([0, 50, 150, 350, 750]);
  });

  it('uses no timer for a delay of 0, though the event loop gets its turn', async () => {
    const clock = new VirtualClock();
    let turns = 0;
    let armed = 0;
    const operation = failing(3);
    setImmediate(function count() {
      if (++turns < 3) setImmediate(count);
    });
    await retry(
      () => {
        armed += clock.pending;
        return operation();
      },
      { clock, maxAttempts: 9, backoff: constant(0) },
    );
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(armed).toBe(0);
  });

  it('waits for a delay of 0 by a timer where there is no setImmediate', async () => {
    const { setImmediate: immediate } = globalThis;
    Reflect.deleteProperty(globalThis, 'setImmediate');
    try {
      expect(await retry(failing(2), noDelay)).toBe(3);
    } finally {
      globalThis.setImmediate = immediate;
    }
  });

  it.each([true, false])('lets a wait keep the process alive or not, as ref says: %p', async (ref) => {
    const { setImmediate: immediate } = globalThis;
    const refs: boolean[] = [];
    const spy = jest.spyOn(globalThis, 'setImmediate').mockImplementation((fn: () => void, ...args: []) => {
      const made = immediate(fn, ...args);
      queueMicrotask(() => refs.push(made.hasRef()));
      return made;
    });
    await Promise.all([retry(failing(1), { ...noDelay, ref }), new Promise((resolve) => setTimeout(resolve, 0))]);
    spy.mockRestore();
    expect(refs).toEqual([ref]);
  });

  it('gives each call of a policy its own delays', async () => {
    const clock = new VirtualClock();
    const policy = new RetryPolicy({ clock, maxAttempts: 3, backoff: sequence([10, 20]) });
    const calls = [policy.execute(failing(2)), policy.execute(failing(2))];
    await clock.runAll();
    expect(await Promise.all(calls)).toEqual([3, 3]);
    expect(clock.now()).toBe(30);
  });
});

describe('the context of an attempt', () => {
  it('says which attempt it is, since when, and what the one before ended with', async () => {
    const clock = new VirtualClock();
    const seen: unknown[] = [];
    const call = retry(
      (ctx) => {
        seen.push([ctx.attempt, ctx.elapsedMs, ctx.previousError]);
        if (ctx.attempt < 3) throw transient(new Error(`no ${ctx.attempt}`));
      },
      { clock, backoff: constant(100) },
    );
    await clock.runAll();
    await call;
    expect(seen).toEqual([
      [1, 0, undefined],
      [2, 100, new Error('no 1')],
      [3, 200, new Error('no 2')],
    ]);
  });

  it('has no previous error after a value', async () => {
    const seen: unknown[] = [];
    await retry(
      (ctx) => {
        seen.push(ctx.previousError);
        if (ctx.attempt === 1) throw new Error('first');
        return ctx.attempt;
      },
      {
        ...noDelay,
        retryResultIf: (value) => value < 3,
      },
    );
    expect(seen).toEqual([undefined, new Error('first'), undefined]);
  });

  it('goes on counting the time while the attempt runs', async () => {
    const clock = new VirtualClock();
    const elapsed = await retry(
      async (ctx) => {
        await clock.advance(70);
        return ctx.elapsedMs;
      },
      { clock },
    );
    expect(elapsed).toBe(70);
  });

  it('keeps one idempotency key over the attempts of a call, another for another call', async () => {
    const keysOfCall = async (): Promise<string[]> => {
      const keys: string[] = [];
      await retry(
        (ctx) => {
          keys.push(ctx.idempotencyKey);
          throw new Error();
        },
        {
          ...noDelay,
          onAttempt: (event) => keys.push(event.idempotencyKey),
        },
      ).catch(() => undefined);
      return keys;
    };
    const [one, other] = [await keysOfCall(), await keysOfCall()];
    expect(new Set(one).size).toBe(1);
    expect(one).toHaveLength(6);
    expect(one[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(other[0]).not.toBe(one[0]);
  });

  it('says what it is', async () => {
    const ctx = withCancel();
    const shown = await retry((attempt) => [inspect(attempt), String(attempt)], { signal: ctx });
    expect(shown).toEqual([`${String(ctx)}.attempt(1)`, `${String(ctx)}.attempt(1)`]);
  });

  it('is found from below through currentAttempt, the innermost of nested retries', async () => {
    await retry((outer) =>
      retry(
        (inner) => {
          const below = withTimeout(inner, 1_000);
          expect(attemptOf(below)).toBe(inner);
          expect(below.value(currentAttempt)).toBe(inner);
          expect(attemptOf(outer)).toBe(outer);
          below.cancel();
        },
        { signal: outer },
      ),
    );
    expect(attemptOf(background())).toBeUndefined();
  });

  it('is otherwise the context of the caller', async () => {
    const clock = new VirtualClock();
    const caller = withTimeout(undefined, 1_000, { clock });
    await retry(
      (ctx) => {
        expect([ctx.deadline, ctx.remaining(), ctx.done, ctx.err, ctx.cause]).toEqual([
          1_000,
          1_000,
          false,
          undefined,
          undefined,
        ]);
        expect(ctx.signal).toBe(caller.signal);
        ctx.throwIfDone();
        caller.cancel('enough');
        expect([ctx.done, ctx.cause]).toEqual([true, 'enough']);
        expect(ctx.err).toBe(caller.err);
        expect(() => {
          ctx.throwIfDone();
        }).toThrow('enough');
      },
      { signal: caller },
    );
  });

  it('names the attempt in its text', async () => {
    const texts: string[] = [];
    await retry(
      (ctx: AttemptContext) => {
        texts.push(String(ctx));
      },
      { signal: background() },
    );
    expect(texts).toEqual(['context.Background.attempt(1)']);
  });
});

describe('retryIf', () => {
  class Flaky extends Error {}
  const flaky = new Error('outer', { cause: new Flaky('inner') });
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  const callsWith = async (retryIf: RetryOptions['retryIf'], thrown: unknown): Promise<number> => {
    let calls = 0;
    await retry(
      () => {
        calls++;
        throw thrown as Error;
      },
      { ...noDelay, retryIf },
    ).catch(() => undefined);
    return calls;
  };

  it.each<[string, RetryOptions['retryIf'], unknown, number]>([
    ['a class, at any depth', Flaky, flaky, 3],
    ['another class', RangeError, flaky, 1],
    ['a built-in class', Error, flaky, 3],
    ['a code, at any depth', 'ECONNRESET', new AggregateError([reset]), 3],
    ['another code', 'EPIPE', reset, 1],
    ['a predicate', (error) => error === reset, reset, 3],
    ['a predicate that says no', () => false, reset, 1],
    ['an asynchronous predicate', async (error) => Promise.resolve(error === reset), reset, 3],
    ['an asynchronous predicate that says no', async () => Promise.resolve(false), reset, 1],
    [
      'a function that is no class',
      function (error: unknown) {
        return error === reset;
      },
      reset,
      3,
    ],
    ['any of several', ['EPIPE', async () => Promise.resolve(false), RangeError, (error) => error === reset], reset, 3],
    ['none of several', ['EPIPE', async () => Promise.resolve(false)], reset, 1],
    ['none at all', [], reset, 1],
    ['a bug, if one wants', TypeError, new TypeError(), 3],
    ['not even transient: it replaces the default', 'EPIPE', transient(reset), 1],
  ])('takes %s', async (_, retryIf, thrown, calls) => {
    expect(await callsWith(retryIf, thrown)).toBe(calls);
  });

  it('is told about the attempt', async () => {
    const seen: number[] = [];
    await callsWith((_, { attempt }) => seen.push(attempt) < 2, reset);
    expect(seen).toEqual([1, 2]);
  });

  it.each(['retryIf', 'retryResultIf', 'delayMs'] as const)(
    'rejects with what it throws, as %s does',
    async (option) => {
      const bug = new Error('in the option');
      for (const how of [
        () => {
          throw bug;
        },
        async () => Promise.reject(bug),
      ]) {
        if (option === 'delayMs' && how.constructor.name === 'AsyncFunction') continue;
        let calls = 0;
        const operation = (): number => {
          calls++;
          if (option !== 'retryResultIf') throw reset;
          return 1;
        };
        await expect(retry(operation, { ...noDelay, [option]: how })).rejects.toBe(bug);
        expect(calls).toBe(1);
      }
    },
  );
});

describe('retryResultIf', () => {
  it('is asked about values alone, retryIf about errors alone', async () => {
    let calls = 0;
    const options: RetryOptions<number> = { ...noDelay, retryIf: () => false, retryResultIf: (value) => value < 3 };
    expect(await retry(() => ++calls, options)).toBe(3);
    await expect(retry(failing(1), options)).rejects.toThrow('down');
  });

  it('retries a value, and errors still', async () => {
    const outcomes = [new Error('down'), 'pending', 'pending', 'ready'];
    const next = (): string => {
      const outcome = outcomes.shift();
      if (typeof outcome === 'string') return outcome;
      throw outcome as Error;
    };
    const result = await retry(next, { ...noDelay, maxAttempts: 9, retryResultIf: (value) => value === 'pending' });
    expect(result).toBe('ready');
  });

  it('may be asynchronous, and knows the attempt', async () => {
    const result = await retry((ctx) => ctx.attempt, {
      ...noDelay,
      retryResultIf: async (_, { attempt }) => Promise.resolve(attempt < 2),
    });
    expect(result).toBe(2);
  });
});

describe('delays that come from the failure', () => {
  async function delaysOf(options: RetryOptions, operation: () => unknown): Promise<number[]> {
    const clock = new VirtualClock();
    const delays: number[] = [];
    const call = retry(operation, { clock, onRetry: ({ delayMs }: RetryEvent) => delays.push(delayMs), ...options });
    await runUntilSettled(clock, call).catch(() => undefined);
    return delays;
  }
  const after = (retryAfterMs: number) => () => {
    throw transient(new Error(), { retryAfterMs });
  };

  it('are the retryAfterMs of the error, without jitter, while the backoff advances', async () => {
    let calls = 0;
    const delays = await delaysOf({ maxAttempts: 4, backoff: exponential({ jitter: 'none' }) }, () => {
      if (++calls === 2) after(7)();
      throw new Error();
    });
    expect(delays).toEqual([100, 7, 400]);
  });

  it('end with the backoff, whatever the error asks for', async () => {
    expect(await delaysOf({ maxAttempts: 9, backoff: sequence([1, 2]) }, after(7))).toEqual([7, 7]);
  });

  it('may be as long as a minute by default, and as maxRetryAfterMs', async () => {
    expect(await delaysOf({ maxAttempts: 2 }, after(60_000))).toEqual([60_000]);
    expect(await delaysOf({ maxAttempts: 2 }, after(60_000.5))).toEqual([]);
    expect(await delaysOf({ maxAttempts: 2, maxRetryAfterMs: 1e9 }, after(1e9))).toEqual([1e9]);
  });

  it('are never those of an error that says never', async () => {
    expect(await delaysOf({ maxRetryAfterMs: Infinity }, after(Infinity))).toEqual([]);
  });

  it('let an open breaker be, until it may be asked again', async () => {
    const clock = new VirtualClock();
    class BreakerOpenError extends Error {
      readonly code = 'ERR_BREAKER_OPEN';
      readonly retryAfterMs: number;
      constructor(retryAfterMs: number) {
        super('open');
        this.retryAfterMs = retryAfterMs;
      }
    }
    const asked: number[] = [];
    const call = retry(
      () => {
        asked.push(clock.now());
        if (clock.now() < 5_000) throw new BreakerOpenError(5_000 - clock.now());
        return 'closed';
      },
      { clock, backoff: constant(10) },
    );
    await clock.runAll();
    expect(await call).toBe('closed');
    expect(asked).toEqual([0, 5_000]);
  });

  it('are chosen by delayMs, from what happened and was planned', async () => {
    const seen: unknown[] = [];
    let calls = 0;
    const delays = await delaysOf(
      {
        maxAttempts: 5,
        backoff: constant(100),
        retryResultIf: () => true,
        delayMs: (failure, { attempt }: AttemptInfo, plannedMs) => {
          seen.push([failure, attempt, plannedMs]);
          return [undefined, 0, 3, 2 * plannedMs][attempt - 1];
        },
      },
      () => {
        if (++calls % 2 === 0) return calls;
        throw transient('busy', calls === 3 ? { retryAfterMs: 50 } : {});
      },
    );
    expect(delays).toEqual([100, 0, 3, 200]);
    expect(seen).toEqual([
      [{ error: 'busy', value: undefined }, 1, 100],
      [{ error: undefined, value: 2 }, 2, 100],
      [{ error: 'busy', value: undefined }, 3, 50],
      [{ error: undefined, value: 4 }, 4, 100],
    ]);
  });

  it.each([
    ['delayMs', { delayMs: (() => Promise.reject(new Error('bug'))) as never }],
    [
      'tryWithdraw',
      { budget: { record: () => undefined, tryWithdraw: (() => Promise.reject(new Error('bug'))) as never } },
    ],
  ])('reject with a TypeError when %s gives a promise, which nobody looks at', async (option, options) => {
    await expect(retry(failing(1), options)).rejects.toThrow(
      new TypeError(`${option} must not return a promise: its answer is needed at once`),
    );
  });

  it.each([-1, NaN, Infinity])('reject with a RangeError when delayMs gives %d', async (delayMs) => {
    await expect(retry(failing(1), { delayMs: () => delayMs })).rejects.toThrow(
      new RangeError(`the result of delayMs must be finite and at least 0, got ${delayMs}`),
    );
  });

  it.each([-1, NaN, undefined])('reject with an error when a backoff gives %p', async (delayMs) => {
    const backoff = { delays: () => [delayMs as number].values() };
    const call = retry(failing(1), { backoff });
    await expect(call).rejects.toThrow(delayMs === undefined ? TypeError : RangeError);
    await expect(call).rejects.toThrow(
      `a delay of the backoff must be ${delayMs === undefined ? 'a number, ' : ''}at least 0, got ${delayMs}`,
    );
  });

  it('may be those of a generator', async () => {
    const backoff = {
      *delays(random: () => number) {
        for (let n = 1; n < 3; n++) yield n * random();
      },
    };
    expect(
      await delaysOf({ backoff, maxAttempts: 9, random: () => 0.5 }, () => {
        throw new Error();
      }),
    ).toEqual([0.5, 1]);
  });
});

describe('budgets', () => {
  it('are told of the call, of each failure worth another attempt, and of the success', async () => {
    const recorded: string[] = [];
    const budget = {
      record: (event: string) => void recorded.push(event),
      tryWithdraw: () => recorded.push('withdraw') > 0,
    };
    await retry(failing(2), { ...noDelay, budget });
    expect(recorded).toEqual(['call', 'failure', 'withdraw', 'failure', 'withdraw', 'success']);
    recorded.length = 0;
    await retry(failing(9), { ...noDelay, budget, maxAttempts: 2 }).catch(() => undefined);
    expect(recorded).toEqual(['call', 'failure', 'withdraw', 'failure']);
    recorded.length = 0;
    await retry(() => 1, { budget });
    expect(recorded).toEqual(['call', 'success']);
    recorded.length = 0;
    await retry(failing(9, permanent(new Error())), { ...noDelay, budget }).catch(() => undefined);
    expect(recorded).toEqual(['call']);
    recorded.length = 0;
    await retry(() => 1, { budget, signal: AbortSignal.abort() }).catch(() => undefined);
    expect(recorded).toEqual([]);
  });
});

describe('callbacks', () => {
  it('are told before each call, before each wait, and at the end', async () => {
    const clock = new VirtualClock();
    const told: unknown[] = [];
    const down = new Error('down');
    const call = retry(
      () => {
        told.push('call');
        throw down;
      },
      {
        name: 'db',
        clock,
        maxAttempts: 2,
        backoff: constant(100),
        onAttempt: ({ idempotencyKey, ...event }) => told.push(['attempt', event, typeof idempotencyKey]),
        onRetry: ({ idempotencyKey, ...event }) => told.push(['retry', event, typeof idempotencyKey]),
        onGiveUp: (event) => told.push(['give-up', event]),
      },
    ).catch(() => undefined);
    await clock.runAll();
    await call;
    expect(told).toEqual([
      ['attempt', { name: 'db', attempt: 1, elapsedMs: 0, previousError: undefined }, 'string'],
      'call',
      [
        'retry',
        { name: 'db', attempt: 1, elapsedMs: 0, previousError: undefined, error: down, value: undefined, delayMs: 100 },
        'string',
      ],
      ['attempt', { name: 'db', attempt: 2, elapsedMs: 100, previousError: down }, 'string'],
      'call',
      ['give-up', { name: 'db', reason: 'attempts', attempts: 2, elapsedMs: 100, error: down, value: undefined }],
    ]);
  });

  it('that throw or reject never reach the call', async () => {
    const warnings: unknown[] = [];
    const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(warning));
    const bad = (how: 'throw' | 'reject') => (): never => {
      if (how === 'throw') throw new Error('in a callback');
      return Promise.reject(new Error('in a callback')) as never;
    };
    for (const how of ['throw', 'reject'] as const) {
      const listeners = { onAttempt: bad(how), onRetry: bad(how), onGiveUp: bad(how) };
      expect(await retry(failing(2), { ...noDelay, ...listeners })).toBe(3);
      await expect(retry(failing(9), { ...noDelay, ...listeners })).rejects.toThrow('down');
    }
    await new Promise(setImmediate);
    emitWarning.mockRestore();
    expect(warnings).toHaveLength(6);
    expect(String(warnings[0])).toContain('onAttempt');
  });
});

describe('time and chance', () => {
  it('are looked up when used, so that fake timers and mocks apply', async () => {
    jest.useFakeTimers();
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    try {
      const call = retry(failing(1));
      await jest.advanceTimersByTimeAsync(49);
      let settled = false;
      void call.then(() => (settled = true));
      await jest.advanceTimersByTimeAsync(0);
      expect(settled).toBe(false);
      await jest.advanceTimersByTimeAsync(1);
      expect(await call).toBe(2);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      random.mockRestore();
      jest.useRealTimers();
    }
  });

  it('wait on the clock of the context of the caller, where none is given', async () => {
    const clock = new VirtualClock();
    const signal = withTimeout(undefined, 10_000, { clock });
    const events: number[] = [];
    const call = retry(failing(2), {
      signal,
      backoff: constant(1_000),
      onRetry: ({ elapsedMs }) => events.push(elapsedMs),
    });
    await clock.advance(2_000);
    expect(await call).toBe(3);
    expect(events).toEqual([0, 1_000]);
  });

  it('hold the process open by `ref`', async () => {
    const refs: unknown[] = [];
    const clock: Clock = {
      now: () => 0,
      setTimeout: (fn, _, options) => {
        refs.push(options?.ref);
        queueMicrotask(fn);
        return { [Symbol.dispose]: () => undefined };
      },
    };
    for (const ref of [undefined, true, false]) await retry(failing(1), { clock, ref, backoff: constant(5) });
    expect(refs.map((ref) => ref ?? true)).toEqual([true, true, false]);
  });

  it('do not mind a clock that steps back', async () => {
    let now = 1_000;
    const clock: Clock = {
      now: () => (now -= 10),
      setTimeout: (fn) => {
        queueMicrotask(fn);
        return { [Symbol.dispose]: () => undefined };
      },
    };
    expect(await retry(failing(2), { clock, maxElapsedMs: 1_000 })).toBe(3);
  });

  it('are measured by a clock whose failure ends the call', async () => {
    const clock: Clock = {
      now: () => 0,
      setTimeout: () => {
        throw new Error('no timers');
      },
    };
    await expect(retry(failing(1), { clock, backoff: constant(100) })).rejects.toThrow('no timers');
  });

  it('compare times as equal that differ by the error of adding fractions', async () => {
    const clock = new VirtualClock({ now: 0.1 });
    const call = retry(failing(2), { clock, maxElapsedMs: 0.3, backoff: sequence([0.1, 0.2]) });
    await clock.runAll();
    expect(await call).toBe(3);
  });
});

describe('wrong options', () => {
  const spoilt: readonly [string, object, Error][] = [
    [
      'maxAttempts',
      { maxAttempts: 0 },
      new RangeError('maxAttempts must be an integer of at least 1, or Infinity, got 0'),
    ],
    [
      'maxAttempts',
      { maxAttempts: 1.5 },
      new RangeError('maxAttempts must be an integer of at least 1, or Infinity, got 1.5'),
    ],
    [
      'maxAttempts',
      { maxAttempts: NaN },
      new RangeError('maxAttempts must be an integer of at least 1, or Infinity, got NaN'),
    ],
    [
      'maxAttempts',
      { maxAttempts: '3' },
      new TypeError('maxAttempts must be a number, an integer of at least 1, or Infinity, got "3"'),
    ],
    ['maxElapsedMs', { maxElapsedMs: -1 }, new RangeError('maxElapsedMs must be at least 0, got -1')],
    ['maxElapsedMs', { maxElapsedMs: NaN }, new RangeError('maxElapsedMs must be at least 0, got NaN')],
    ['attemptTimeoutMs', { attemptTimeoutMs: -1 }, new RangeError('attemptTimeoutMs must be at least 0, got -1')],
    ['maxRetryAfterMs', { maxRetryAfterMs: NaN }, new RangeError('maxRetryAfterMs must be at least 0, got NaN')],
    ['exhausted', { exhausted: 'throw' }, new RangeError("exhausted must be 'rethrow' or 'wrap', got \"throw\"")],
    ['backoff', { backoff: [1, 2] }, new TypeError('backoff must be a backoff, such as exponential(), got an array')],
    ['backoff', { backoff: null }, new TypeError('backoff must be a backoff, such as exponential(), got null')],
    ['retryIf', { retryIf: 404 }, new TypeError('retryIf must be an error class, a code or a function, got 404')],
    [
      'retryIf',
      { retryIf: ['E', 404] },
      new TypeError('retryIf[1] must be an error class, a code or a function, got 404'),
    ],
    ['retryResultIf', { retryResultIf: true }, new TypeError('retryResultIf must be a function, got true')],
    ['delayMs', { delayMs: 100 }, new TypeError('delayMs must be a function, got 100')],
    ['budget', { budget: {} }, new TypeError('budget must be a budget, such as a RetryBudget, got an object')],
    ['budget', { budget: null }, new TypeError('budget must be a budget, such as a RetryBudget, got null')],
    [
      'budget',
      { budget: { record: () => undefined } },
      new TypeError('budget must be a budget, such as a RetryBudget, got an object'),
    ],
    [
      'budget',
      { budget: { tryWithdraw: () => true } },
      new TypeError('budget must be a budget, such as a RetryBudget, got an object'),
    ],
    ['onAttempt', { onAttempt: 1 }, new TypeError('onAttempt must be a function, got 1')],
    ['onRetry', { onRetry: 'log' }, new TypeError('onRetry must be a function, got "log"')],
    ['onGiveUp', { onGiveUp: {} }, new TypeError('onGiveUp must be a function, got an object')],
    ['clock', { clock: null }, new TypeError('clock must be a clock, got null')],
    ['clock', { clock: { now: () => 0 } }, new TypeError('clock must be a clock, got an object')],
    ['random', { random: 0.5 }, new TypeError('random must be a function, got 0.5')],
    ['ref', { ref: 1 }, new TypeError('ref must be a boolean, got 1')],
    ['name', { name: 1 }, new TypeError('name must be a string, got 1')],
    ['signal', { signal: null }, new TypeError('signal must be an AbortSignal or a Context or undefined, got null')],
    ['signal', { signal: {} }, new TypeError('signal must be an AbortSignal or a Context or undefined, got an object')],
  ];

  it.each(spoilt)('%s: %j rejects, and no call is made', async (_, options, error) => {
    let calls = 0;
    const call = retry(() => ++calls, options as RetryOptions<number>);
    await expect(call).rejects.toThrow(error);
    await expect(call).rejects.toThrow(error.constructor as new () => Error);
    expect(calls).toBe(0);
    expect(() => new RetryPolicy(options)).toThrow(error);
  });

  it('an operation that is none rejects', async () => {
    await expect(retry(undefined as unknown as () => void)).rejects.toThrow(
      new TypeError('operation must be a function, got undefined'),
    );
  });

  it('all of them may be undefined', async () => {
    const undefinedOptions = Object.fromEntries(spoilt.map(([option]) => [option, undefined]));
    expect(await retry(() => 1, undefinedOptions)).toBe(1);
  });
});

describe('a signal', () => {
  it('given as a context keeps its values', async () => {
    const userKey = createKey<string>('user');
    const ctx = withValue(withCancel(), userKey, 'ann');
    await retry(
      (attempt) => {
        expect(attempt.signal).toBe(ctx.signal);
        expect(attempt.value(userKey)).toBe('ann');
        expect(attempt.value(createKey('other'))).toBeUndefined();
      },
      { signal: ctx },
    );
  });

  it('given as a context lends its clock to retries within the attempt', async () => {
    const clock = new VirtualClock();
    const caller = withTimeout(undefined, 10_000, { clock });
    const elapsed: number[] = [];
    const call = retry(
      (attempt) =>
        retry(failing(1), {
          signal: attempt,
          backoff: constant(100),
          onAttempt: ({ elapsedMs }) => elapsed.push(elapsedMs),
        }),
      { signal: caller },
    );
    await runUntilSettled(clock, call);
    expect(elapsed).toEqual([0, 100]);
    caller.cancel();
  });
});

describe('a context derived from that of an attempt', () => {
  it('ends with that of the caller, and makes no AbortSignal on the way', async () => {
    const caller = withCancel();
    const made = jest.spyOn(globalThis, 'AbortController');
    await retry(
      (attempt) => {
        const below = withTimeout(attempt, 1_000);
        caller.cancel('enough');
        expect([below.done, below.cause]).toEqual([true, 'enough']);
      },
      { signal: caller },
    );
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });
});

describe('an AsyncLocalStorage', () => {
  const store = new AsyncLocalStorage<string>();
  const failOrHang = (ctx: AttemptContext): Promise<number> | number => {
    if (ctx.attempt === 1) throw new Error('down');
    return ctx.attempt === 2 ? new Promise(() => undefined) : ctx.attempt;
  };

  it('has the value of the caller in every attempt and callback, over waits, turns and attempt timeouts', async () => {
    const clock = new VirtualClock();
    const seen: [string, string | undefined][] = [];
    const see = (where: string): void => {
      seen.push([where, store.getStore()]);
    };
    const call = store.run('caller', () =>
      retry(
        (ctx) => {
          see(`attempt ${ctx.attempt}`);
          return failOrHang(ctx);
        },
        {
          clock,
          attemptTimeoutMs: 50,
          backoff: sequence([0, 100, 0]),
          maxAttempts: 4,
          onAttempt: () => {
            see('onAttempt');
          },
          onRetry: () => {
            see('onRetry');
          },
          onGiveUp: () => {
            see('onGiveUp');
          },
          retryIf: () => (see('retryIf'), true),
          retryResultIf: () => (see('retryResultIf'), true),
          delayMs: () => (see('delayMs'), undefined),
        },
      ),
    );
    expect(await store.run('clock', () => runUntilSettled(clock, call))).toBe(4);
    expect(seen.map(([where]) => where)).toEqual([
      ...['onAttempt', 'attempt 1', 'retryIf', 'delayMs', 'onRetry'],
      ...['onAttempt', 'attempt 2', 'retryIf', 'delayMs', 'onRetry'],
      ...['onAttempt', 'attempt 3', 'retryResultIf', 'delayMs', 'onRetry'],
      ...['onAttempt', 'attempt 4', 'retryResultIf', 'onGiveUp'],
    ]);
    expect(new Set(seen.map(([, value]) => value))).toEqual(new Set(['caller']));
  });

  it.each([0, 100])('has it in onGiveUp too when another gives up during a wait of %d', async (delayMs) => {
    const clock = new VirtualClock();
    const ctx = withCancel();
    const seen: unknown[] = [];
    const call = store.run('caller', () =>
      retry(failing(1), {
        clock,
        signal: ctx,
        backoff: constant(delayMs),
        onGiveUp: () => seen.push(store.getStore()),
      }),
    );
    const caught = call.catch((error: unknown) => error);
    for (let n = 0; n < 20; n++) await Promise.resolve();
    store.run('canceler', () => {
      ctx.cancel('enough');
    });
    expect([await caught, seen]).toEqual(['enough', ['caller']]);
  });
});
