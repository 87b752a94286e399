import { until } from '@patterns-tools/test-kit';
import { background, withCancel, withTimeout, type Clock, type Context } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { deserialize, permanent, PatternError, transient, wrap } from '@patterns/errors';
import { constant, retry, RetryError, sequence, type GiveUpEvent, type RetryOptions } from '@patterns/retry';

const failure = new Error('down');
const fail = (): never => {
  throw failure;
};

interface Ending {
  readonly outcome: { readonly resolved: unknown } | { readonly rejected: unknown };
  readonly calls: number;
  readonly atMs: number;
  readonly event: GiveUpEvent | undefined;
}

/** What a call ends with, on a clock of its own. */
async function endingOf(
  operation: (ctx: Context) => unknown,
  options: RetryOptions,
  under?: (clock: VirtualClock) => Context,
): Promise<Ending> {
  const clock = new VirtualClock();
  let calls = 0;
  let event: GiveUpEvent | undefined;
  let ending: Pick<Ending, 'outcome' | 'atMs'> | undefined;
  const call = retry(
    (ctx) => {
      calls++;
      return operation(ctx);
    },
    { backoff: constant(100), clock, signal: under?.(clock), onGiveUp: (given) => (event = given), ...options },
  );
  const settled = call.then(
    (resolved) => (ending = { outcome: { resolved }, atMs: clock.now() }),
    (rejected: unknown) => (ending = { outcome: { rejected }, atMs: clock.now() }),
  );
  await clock.runAll();
  await settled;
  return { calls, event, ...(ending as unknown as Pick<Ending, 'outcome' | 'atMs'>) };
}

interface Way {
  readonly reason: RetryError['reason'];
  readonly when: string;
  readonly operation?: (ctx: Context) => unknown;
  readonly options: RetryOptions;
  readonly under?: (clock: VirtualClock) => Context;
  readonly calls: number;
  readonly atMs: number;
}

const slow = Object.assign(new Error('slow down'), { retryAfterMs: 500 });

/** Every way of giving up but that of the caller, with the number of calls and the time at which it happens. */
const ways: readonly Way[] = [
  { reason: 'attempts', when: 'maxAttempts calls are made', options: {}, calls: 3, atMs: 200 },
  { reason: 'attempts', when: 'there may be only one', options: { maxAttempts: 1 }, calls: 1, atMs: 0 },
  {
    reason: 'attempts',
    when: 'the backoff has ended',
    options: { maxAttempts: 9, backoff: sequence([10, 20]) },
    calls: 3,
    atMs: 30,
  },
  { reason: 'not-retryable', when: 'retryIf says no', options: { retryIf: () => false }, calls: 1, atMs: 0 },
  { reason: 'not-retryable', when: 'there is no matcher', options: { retryIf: [] }, calls: 1, atMs: 0 },
  {
    reason: 'retry-after',
    when: 'the error asks for more than is allowed',
    operation: () => {
      throw slow;
    },
    options: { maxRetryAfterMs: 499 },
    calls: 1,
    atMs: 0,
  },
  {
    reason: 'elapsed',
    when: 'the wait would end later',
    options: { maxAttempts: 9, maxElapsedMs: 299 },
    calls: 3,
    atMs: 200,
  },
  {
    reason: 'deadline',
    when: 'the wait would end after it',
    options: { maxAttempts: 9 },
    under: (clock) => withTimeout(undefined, 250, { clock }),
    calls: 3,
    atMs: 200,
  },
  {
    reason: 'deadline',
    when: 'the wait would end exactly then',
    options: { maxAttempts: 9 },
    under: (clock) => withTimeout(undefined, 200, { clock }),
    calls: 2,
    atMs: 100,
  },
  {
    reason: 'budget',
    when: 'it is spent',
    options: { budget: { record: () => undefined, tryWithdraw: () => false } },
    calls: 1,
    atMs: 0,
  },
];

const explanations: Readonly<Record<RetryError['reason'], string>> = {
  'not-retryable': 'the failure is not worth another',
  attempts: 'no more are allowed',
  'retry-after': 'the target asks for a longer wait than allowed',
  elapsed: 'the next would begin after maxElapsedMs',
  deadline: 'the next would begin after the deadline',
  budget: 'the retry budget is spent',
};

describe.each(ways)('gives up with $reason when $when', ({ reason, operation = fail, options, under, calls, atMs }) => {
  it('rejects with the last error itself, after no further wait', async () => {
    const ending = await endingOf(operation, options, under);
    const thrown = operation === fail ? failure : slow;
    expect(ending).toEqual({
      outcome: { rejected: thrown },
      calls,
      atMs,
      event: { name: undefined, reason, attempts: calls, elapsedMs: atMs, error: thrown, value: undefined },
    });
    expect((ending.outcome as { rejected: unknown }).rejected).toBe(thrown);
  });

  it("rejects with a RetryError around it with exhausted: 'wrap'", async () => {
    const { outcome } = await endingOf(operation, { ...options, exhausted: 'wrap', name: 'db' }, under);
    const { rejected } = outcome as { rejected: RetryError };
    expect(rejected).toBeInstanceOf(RetryError);
    expect(rejected).toBeInstanceOf(PatternError);
    const thrown = operation === fail ? failure : slow;
    expect(rejected).toMatchObject({
      name: 'RetryError',
      message: `gave up after ${calls === 1 ? '1 attempt' : `${calls} attempts`}: ${explanations[reason]}`,
      code: 'ERR_RETRY_EXHAUSTED',
      policy: 'db',
      reason,
      attempts: calls,
      cause: thrown,
      errors: Array.from({ length: calls }, () => thrown),
      value: undefined,
    });
  });
});

describe('a value that retryResultIf refuses to the end', () => {
  const refused = { status: 'pending' };

  it.each(ways.filter(({ operation, reason }) => operation === undefined && reason !== 'not-retryable'))(
    'is resolved with when giving up with $reason, when $when',
    async ({ reason, options, under, calls, atMs }) => {
      const ending = await endingOf(() => refused, { ...options, retryResultIf: () => true }, under);
      expect(ending).toEqual({
        outcome: { resolved: refused },
        calls,
        atMs,
        event: { name: undefined, reason, attempts: calls, elapsedMs: atMs, error: undefined, value: refused },
      });
    },
  );

  it("is carried by the RetryError with exhausted: 'wrap'", async () => {
    const { outcome } = await endingOf(() => refused, { retryResultIf: () => true, exhausted: 'wrap' });
    const { rejected } = outcome as { rejected: RetryError };
    expect(rejected).toMatchObject({ reason: 'attempts', attempts: 3, errors: [undefined, undefined, undefined] });
    expect(rejected.value).toBe(refused);
    expect(rejected.cause).toBeUndefined();
  });

  it('does not outlive an error: the last attempt decides', async () => {
    let calls = 0;
    const { outcome } = await endingOf(
      () => {
        if (++calls === 3) throw failure;
        return refused;
      },
      { retryResultIf: () => true },
    );
    expect(outcome).toEqual({ rejected: failure });
  });
});

describe('an elapsed time', () => {
  it('allows a wait that ends exactly then', async () => {
    const ending = await endingOf(fail, { maxAttempts: 9, maxElapsedMs: 300 });
    expect(ending).toMatchObject({ calls: 4, atMs: 300, event: { reason: 'elapsed' } });
  });

  it('of 0 allows retries without delay, as long as no time passes', async () => {
    const ending = await endingOf(fail, { maxElapsedMs: 0, backoff: constant(0) });
    expect(ending).toMatchObject({ calls: 3, atMs: 0, event: { reason: 'attempts' } });
  });
});

describe('a backoff that gives Infinity', () => {
  const backoff = { delays: () => [10, Infinity, 10].values() };

  it.each<[string, RetryOptions, ((clock: VirtualClock) => Context) | undefined]>([
    ['elapsed', { maxElapsedMs: 1e9 }, undefined],
    ['deadline', {}, (clock) => withTimeout(undefined, 1e9, { clock })],
  ])('gives up with %s at once where there is such a limit', async (reason, options, under) => {
    const ending = await endingOf(fail, { ...options, backoff, maxAttempts: 9 }, under);
    expect(ending).toMatchObject({ outcome: { rejected: failure }, calls: 2, atMs: 10, event: { reason } });
  });

  it('otherwise waits until the caller gives up', async () => {
    const clock = new VirtualClock();
    const ctx = withCancel();
    let calls = 0;
    const call = retry(() => (calls++, fail()), { clock, signal: ctx, backoff, maxAttempts: 9 });
    const caught = call.catch((error: unknown) => error);
    await clock.runAll();
    await clock.advance(Number.MAX_SAFE_INTEGER);
    expect([calls, clock.pending]).toEqual([2, 1]);
    ctx.cancel('enough');
    expect([await caught, calls, clock.pending]).toEqual(['enough', 2, 0]);
  });

  it('is no harm where the error says when, or delayMs does', async () => {
    const throwSlow = (): never => {
      throw slow;
    };
    expect(await endingOf(throwSlow, { backoff, maxAttempts: 3 })).toMatchObject({ calls: 3, atMs: 1_000 });
    const seen: number[] = [];
    const delayMs: RetryOptions['delayMs'] = (_failure, _attempt, plannedMs) => (seen.push(plannedMs), 5);
    expect(await endingOf(fail, { backoff, maxAttempts: 3, delayMs })).toMatchObject({ calls: 3, atMs: 10 });
    expect(seen).toEqual([10, Infinity]);
  });
});

describe('a clock that steps back', () => {
  it('makes no elapsed time negative, and the call ends', async () => {
    let now = 1_000;
    let fire: (() => void) | undefined;
    const clock: Clock = {
      now: () => now,
      setTimeout: (fn) => {
        fire = fn;
        return { [Symbol.dispose]: () => (fire = undefined) };
      },
    };
    const elapsed: number[] = [];
    const tell = ({ elapsedMs }: { readonly elapsedMs: number }): number => elapsed.push(elapsedMs);
    const call = retry(
      (ctx) => {
        tell(ctx);
        throw failure;
      },
      { clock, maxElapsedMs: 100, backoff: constant(10), onRetry: tell, onGiveUp: tell },
    );
    const settled = expect(call).rejects.toBe(failure);
    for (let retries = 1; retries <= 2; retries++) {
      await until(() => fire !== undefined);
      now -= 500;
      fire?.();
      fire = undefined;
    }
    await settled;
    expect(elapsed).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('a thrown value that cannot be read', () => {
  it('is retried, and handed on as it is', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trap = Object.defineProperty({}, 'code', {
      get() {
        throw new Error('trap');
      },
    });
    for (const value of [proxy, trap, Symbol('thrown'), Object.create(null) as object, undefined, null]) {
      let calls = 0;
      const call = retry(
        () => {
          calls++;
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- the point of the test
          throw value;
        },
        { backoff: constant(0) },
      );
      expect(
        await call.then(
          () => false,
          (error: unknown) => error === value,
        ),
      ).toBe(true);
      expect(calls).toBe(3);
    }
  });
});

describe('the order of reasons', () => {
  const spent = { record: () => undefined, tryWithdraw: () => false };

  it('is that of the table', async () => {
    const everything: RetryOptions = {
      retryIf: () => false,
      maxAttempts: 1,
      maxRetryAfterMs: 0,
      maxElapsedMs: 0,
      budget: spent,
    };
    const under = (clock: VirtualClock): Context => withTimeout(undefined, 50, { clock });
    const throwSlow = (): never => {
      throw slow;
    };
    const reasons: unknown[] = [];
    for (const lifted of [
      {},
      { retryIf: () => true },
      { maxAttempts: 3 },
      { maxRetryAfterMs: 1_000 },
      { maxElapsedMs: Infinity },
    ]) {
      Object.assign(everything, lifted);
      reasons.push((await endingOf(throwSlow, everything, under)).event?.reason);
    }
    reasons.push((await endingOf(throwSlow, everything)).event?.reason);
    expect(reasons).toEqual(['not-retryable', 'attempts', 'retry-after', 'elapsed', 'deadline', 'budget']);
  });

  it('asks the budget last, so that nothing is withdrawn in vain', async () => {
    let withdrawn = 0;
    const budget = { record: () => undefined, tryWithdraw: () => ++withdrawn > 0 };
    for (const { options, operation = fail, under } of ways.filter(({ reason }) => reason !== 'budget')) {
      withdrawn = 0;
      const { calls } = await endingOf(operation, { ...options, budget }, under);
      expect(withdrawn).toBe(calls - 1);
    }
  });
});

describe('markers', () => {
  it('permanent is never retried, whatever retryIf says, and the caller gets what is inside', async () => {
    const marked = permanent(failure);
    for (const thrown of [marked, wrap(marked, 'loading'), wrap(wrap(marked, 'a'), 'b')]) {
      const ending = await endingOf(
        () => {
          throw thrown as Error;
        },
        { retryIf: () => true },
      );
      expect(ending).toMatchObject({ calls: 1, event: { reason: 'not-retryable' } });
      expect((ending.outcome as { rejected: unknown }).rejected).toBe(thrown === marked ? failure : thrown);
    }
  });

  it('transient is retried though the error is not worth it by itself, and the caller gets what is inside', async () => {
    const bug = new TypeError('not a function');
    const ending = await endingOf(() => {
      throw transient(bug);
    }, {});
    expect(ending.calls).toBe(3);
    expect((ending.outcome as { rejected: unknown }).rejected).toBe(bug);
    expect(ending.event?.error).toBe(bug);
  });

  it('of several the outermost decides', async () => {
    const inner = transient(permanent(failure));
    expect(
      await endingOf(
        () => {
          throw inner;
        },
        { retryIf: () => true },
      ),
    ).toMatchObject({ calls: 3 });
    expect(
      await endingOf(
        () => {
          throw permanent(inner);
        },
        { retryIf: () => true },
      ),
    ).toMatchObject({ calls: 1 });
    const { outcome } = await endingOf(() => {
      throw permanent(inner);
    }, {});
    expect((outcome as { rejected: unknown }).rejected).toBe(failure);
  });

  it('that has no cause, as it has come from another process so, is the error itself', async () => {
    const wire = { type: 'error', version: 1, name: 'PermanentError', code: 'ERR_PERMANENT', message: 'closed' };
    const received = deserialize(wire);
    const { outcome, calls } = await endingOf(() => {
      throw received;
    }, {});
    expect([calls, (outcome as { rejected: unknown }).rejected]).toEqual([1, received]);
    expect(received).toHaveProperty('message', 'closed');
  });

  it('that is its own cause, or that of its cause, is the end of it', async () => {
    const marked = permanent(transient(failure)) as { cause: { cause: unknown } };
    marked.cause.cause = marked;
    const { outcome, calls } = await endingOf(() => {
      throw marked as unknown as Error;
    }, {});
    expect([calls, (outcome as { rejected: unknown }).rejected]).toEqual([1, marked]);
  });

  it('of several in one error the first decides', async () => {
    const both = new AggregateError([transient(failure), permanent(failure)]);
    const ending = await endingOf(
      () => {
        throw both;
      },
      { retryIf: () => true },
    );
    expect(ending).toMatchObject({ calls: 3, outcome: { rejected: both } });
  });

  it('of an error that says no by itself: retryIf decides, unless the marker is permanent', async () => {
    const calls: number[] = [];
    for (const cause of [transient(failure), permanent(failure)]) {
      const thrown = Object.assign(new Error('outer', { cause }), { retryable: false });
      const ending = await endingOf(
        () => {
          throw thrown;
        },
        { retryIf: () => true },
      );
      calls.push(ending.calls);
    }
    expect(calls).toEqual([3, 1]);
  });

  it.each(['ERR_PERMANENT', 'ERR_TRANSIENT'])(
    'are more than a code: an error of the user with %s is its own',
    async (code) => {
      const mine = Object.assign(new Error('mine', { cause: failure }), { code });
      const { outcome } = await endingOf(() => {
        throw mine;
      }, {});
      expect((outcome as { rejected: unknown }).rejected).toBe(mine);
    },
  );

  it('are not in the history of a RetryError', async () => {
    const { outcome } = await endingOf(
      () => {
        throw transient(failure);
      },
      { exhausted: 'wrap' },
    );
    const { errors, cause } = (outcome as { rejected: RetryError }).rejected;
    expect([...errors, cause]).toEqual([failure, failure, failure, failure]);
    expect(cause).toBe(failure);
  });
});

describe('the caller who has given up', () => {
  const reason = { because: 'closing' };
  const canceledContext = (): Context => {
    const ctx = withCancel();
    ctx.cancel(reason);
    return ctx;
  };

  it('before the first call: zero calls, rejected with the reason itself', async () => {
    const ending = await endingOf(fail, { exhausted: 'wrap' }, canceledContext);
    expect(ending).toEqual({
      outcome: { rejected: reason },
      calls: 0,
      atMs: 0,
      event: { name: undefined, reason: 'canceled', attempts: 0, elapsedMs: 0, error: undefined, value: undefined },
    });
    expect((ending.outcome as { rejected: unknown }).rejected).toBe(reason);
  });

  it('by an AbortSignal that is aborted: the same', async () => {
    const ending = await endingOf(fail, { signal: AbortSignal.abort(reason) });
    expect(ending).toMatchObject({ calls: 0, event: { reason: 'canceled' } });
    expect((ending.outcome as { rejected: unknown }).rejected).toBe(reason);
  });

  it('before the first call: no time has passed since that', async () => {
    const elapsed: number[] = [];
    const signal = AbortSignal.abort(reason);
    await expect(retry(fail, { signal, onGiveUp: ({ elapsedMs }) => elapsed.push(elapsedMs) })).rejects.toBe(reason);
    expect(elapsed).toEqual([0]);
  });

  it('during an attempt that fails: no other, and the last error is in the event', async () => {
    const ctx = withCancel();
    const ending = await endingOf(
      () => {
        ctx.cancel(reason);
        throw failure;
      },
      { exhausted: 'wrap', maxAttempts: 1, retryIf: () => false },
      () => ctx,
    );
    expect(ending).toMatchObject({ calls: 1, event: { reason: 'canceled', attempts: 1, error: failure } });
    expect((ending.outcome as { rejected: unknown }).rejected).toBe(reason);
  });

  it('during an attempt that succeeds: its value counts', async () => {
    const ctx = withCancel();
    const ending = await endingOf(
      () => {
        ctx.cancel(reason);
        return 'done anyway';
      },
      { retryResultIf: () => Promise.resolve(false) },
      () => ctx,
    );
    expect(ending).toMatchObject({ outcome: { resolved: 'done anyway' }, calls: 1, event: undefined });
  });

  it('during an attempt whose value is refused: rejected with the reason, the value is in the event', async () => {
    const ctx = withCancel();
    const ending = await endingOf(
      () => {
        ctx.cancel(reason);
        return 'pending';
      },
      { retryResultIf: () => true },
      () => ctx,
    );
    expect(ending).toMatchObject({ outcome: { rejected: reason }, event: { reason: 'canceled', value: 'pending' } });
  });

  it('is read from the context, not from the class of the error', async () => {
    const ending = await endingOf(() => {
      throw new DOMException('stop', 'AbortError');
    }, {});
    expect(ending).toMatchObject({ calls: 1, event: { reason: 'not-retryable' } });
    expect(
      (
        await endingOf(
          () => {
            throw new DOMException('stop', 'AbortError');
          },
          { retryIf: () => true },
        )
      ).calls,
    ).toBe(3);
  });

  it.each(['onAttempt', 'onRetry', 'retryIf', 'delayMs'] as const)('inside %s: no further call', async (option) => {
    const ctx = withCancel();
    const cancel = (): true => {
      ctx.cancel(reason);
      return true;
    };
    const ending = await endingOf(fail, { [option]: option === 'delayMs' ? () => void cancel() : cancel }, () => ctx);
    expect(ending).toMatchObject({ calls: option === 'onAttempt' ? 0 : 1, atMs: 0, event: { reason: 'canceled' } });
    expect((ending.outcome as { rejected: unknown }).rejected).toBe(reason);
  });

  it('inside delayMs: no retry is announced, and none paid for', async () => {
    const ctx = withCancel();
    const told: string[] = [];
    await endingOf(
      fail,
      {
        delayMs: () => {
          ctx.cancel(reason);
          return undefined;
        },
        budget: { record: () => undefined, tryWithdraw: () => told.push('withdraw') > 0 },
        onRetry: () => told.push('retry'),
      },
      () => ctx,
    );
    expect(told).toEqual([]);
  });
});

describe('a RetryError', () => {
  it('keeps the last 16 errors, oldest first', async () => {
    let calls = 0;
    const { outcome } = await endingOf(
      () => {
        throw new Error(String(++calls));
      },
      { maxAttempts: 40, exhausted: 'wrap', backoff: constant(0) },
    );
    const { errors, attempts } = (outcome as { rejected: RetryError }).rejected;
    expect(attempts).toBe(40);
    expect(errors.map((error) => (error as Error).message)).toEqual(
      Array.from({ length: 16 }, (_, n) => String(25 + n)),
    );
    expect(Object.isFrozen(errors)).toBe(true);
  });

  it('made by hand keeps the last 16 as well, and says what was attempted', () => {
    const errors = Array.from({ length: 17 }, (_, n) => n);
    const made = new RetryError('attempts', 17, errors, { operation: 'the backup' });
    expect(made.errors).toEqual(errors.slice(1));
    expect(made.message).toBe('gave up on the backup after 17 attempts: no more are allowed');
  });

  it('is not retried by a retry around it, so that retries do not multiply', async () => {
    let calls = 0;
    const inner = (): Promise<never> =>
      retry(
        () => {
          calls++;
          throw failure;
        },
        { exhausted: 'wrap', backoff: constant(0) },
      );
    await expect(retry(inner, { backoff: constant(0) })).rejects.toBeInstanceOf(RetryError);
    expect(calls).toBe(3);
  });

  it.each([
    ['the error says so', slow],
    ['its marker says so', transient(failure, { retryAfterMs: 500 })],
  ])('can be told when another try makes sense, where %s', async (_, thrown) => {
    for (const options of [{ maxRetryAfterMs: 0 }, { maxAttempts: 1 }, { maxElapsedMs: 499 }]) {
      const { outcome } = await endingOf(
        () => {
          throw thrown;
        },
        { ...options, exhausted: 'wrap' },
      );
      expect((outcome as { rejected: RetryError }).rejected.retryAfterMs).toBe(500);
    }
  });

  it('is not told by what an attempt before the last said', async () => {
    let calls = 0;
    const { outcome } = await endingOf(
      () => {
        throw ++calls === 1 ? transient(failure, { retryAfterMs: 500 }) : failure;
      },
      { maxAttempts: 2, exhausted: 'wrap' },
    );
    const { attempts, retryAfterMs } = (outcome as { rejected: RetryError }).rejected;
    expect([attempts, retryAfterMs]).toEqual([2, undefined]);
  });

  it('says in its message how often and why', async () => {
    await expect(retry(fail, { maxAttempts: 1, exhausted: 'wrap', signal: background() })).rejects.toThrow(
      'gave up after 1 attempt: no more are allowed',
    );
  });
});
