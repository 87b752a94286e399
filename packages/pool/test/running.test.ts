import { background, createKey, withCancel, withTimeout, withValue } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, swallow, turns } from './held-task.ts';

failOnLeaks();

describe('a task', () => {
  it('ends as the operation does', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const failure = new RangeError('no');
    await expect(pool.run(() => 1)).resolves.toBe(1);
    await expect(pool.run(() => Promise.resolve('two'))).resolves.toBe('two');
    await expect(pool.run(() => Promise.reject(failure))).rejects.toBe(failure);
    await expect(
      pool.run(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    await expect(pool.execute(() => 3)).resolves.toBe(3);
    expect(pool.active).toBe(0);
  });

  it('ends so too when it had to wait', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const failure = new RangeError('no');
    const outcomes = await Promise.allSettled([
      pool.run(() => 0),
      pool.run(() => 1),
      pool.run(() => Promise.resolve(2)),
      pool.run(() => Promise.reject(failure)),
      pool.run(() => {
        throw failure;
      }),
    ]);
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 0 },
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 2 },
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
  });

  it.each([undefined, null, 0, ''])('may throw %p, which is a failure', async (thrown) => {
    const pool = new TaskPool({ concurrency: 1 });
    await expect(
      pool.run(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything can be thrown
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as above
    await expect(pool.run(() => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(pool.stats()).toMatchObject({ failed: 2, completed: 0 });
  });

  it('may return a thenable, of which the first word counts', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const thenable = {
      then(resolve: (value: number) => void, reject: (error: unknown) => void) {
        resolve(1);
        reject(new Error('late'));
        resolve(2);
      },
    } as PromiseLike<number>;
    const hostile = Object.defineProperty({}, 'then', {
      get() {
        throw new RangeError('getter');
      },
    }) as PromiseLike<number>;
    await expect(pool.run(() => thenable)).resolves.toBe(1);
    await expect(pool.run(() => hostile)).rejects.toThrow('getter');
    expect(pool.active).toBe(0);
  });

  it.each([
    [
      'calls twice',
      (resolve) => {
        resolve('first');
        resolve('second');
      },
    ],
    [
      'calls both',
      (resolve, reject) => {
        resolve('first');
        reject(new Error('second'));
      },
    ],
    [
      'throws when it has called',
      (resolve) => {
        resolve('first');
        throw new Error('second');
      },
    ],
  ] satisfies [string, (resolve: (value: string) => void, reject: (error: unknown) => void) => void][])(
    'may return a promise with a `then` of its own that %s: what counts is what `await` would give',
    async (_, own) => {
      const pool = new TaskPool({ concurrency: 2 });
      const strange = (): Promise<string> =>
        Object.assign(Promise.resolve('awaited'), { then: own as Promise<string>['then'] });
      const [first, second] = [held(), held()];
      const outcomes = [pool.run(first.run), pool.run(strange), pool.run(second.run), pool.run(() => 'last')];
      await turns();
      expect([pool.active, pool.size]).toEqual([2, 1]);
      first.end('first');
      second.end('second');
      expect(await Promise.all(outcomes)).toEqual(['first', 'awaited', 'second', 'last']);
      expect(pool.stats()).toMatchObject({ active: 0, completed: 4, failed: 0 });
      expect(await pool.map([strange()], (item) => item).toArray()).toEqual(['awaited']);
      const next = (): Promise<IteratorResult<string>> =>
        Object.assign(Promise.resolve({ done: true as const, value: undefined }), { then: own as never });
      expect(await pool.map({ [Symbol.asyncIterator]: () => ({ next }) }, (item) => item).toArray()).toEqual([]);
    },
  );

  it('starts in a microtask, never inside the call that submits it', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const operation = jest.fn();
    const outcome = pool.run(operation);
    expect(operation).not.toHaveBeenCalled();
    expect(pool.active).toBe(1);
    await Promise.resolve();
    expect(operation).toHaveBeenCalledTimes(1);
    await outcome;
  });

  it('is given a context with the values and the deadline of its caller', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const tenant = createKey<string>('tenant');
    using limited = withTimeout(undefined, 60_000);
    const caller = withValue(limited, tenant, 'acme');
    await pool.run(
      (ctx) => {
        expect(ctx.value(tenant)).toBe('acme');
        expect(ctx.deadline).toBe(limited.deadline);
        expect(ctx.remaining()).toBeGreaterThan(0);
        expect(ctx.done).toBe(false);
        expect(ctx.err).toBeUndefined();
        expect(ctx.cause).toBeUndefined();
        expect(ctx.signal.aborted).toBe(false);
        ctx.throwIfDone();
        expect(String(ctx)).toMatch(/withTimeout.*\.task$/);
        using child = withCancel(ctx);
        expect(child.value(tenant)).toBe('acme');
      },
      { signal: caller },
    );
    await pool.run((ctx) => {
      expect(ctx.value(tenant)).toBeUndefined();
      expect(ctx.deadline).toBeUndefined();
    });
    await pool.run((ctx) => ctx, { signal: background() });
  });

  it('ends what it has derived from its context, when it had a signal', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    using caller = withCancel();
    const ctx = await pool.run((own) => own, { signal: caller });
    expect(ctx.done).toBe(true);
    expect(caller.done).toBe(false);
  });
});

describe('the limit', () => {
  it('lets as many run as it says, the others in the order they came', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const tasks = Array.from({ length: 5 }, () => held());
    const outcomes = tasks.map((task) => pool.run(task.run));
    const started = (): number[] => tasks.flatMap((task, index) => (task.isStarted ? [index] : []));
    await turns();
    expect(started()).toEqual([0, 1]);
    expect([pool.active, pool.size]).toEqual([2, 3]);
    tasks[1]?.end('b');
    await turns();
    expect(started()).toEqual([0, 1, 2]);
    for (const task of tasks) task.end('x');
    await Promise.all(outcomes);
    expect([pool.active, pool.size]).toEqual([0, 0]);
  });

  it('counts weights, and the head blocks what is lighter', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const [first, heavy, light] = [held(), held(), held()];
    const outcomes = [pool.run(first.run), pool.run(heavy.run, { weight: 3 }), pool.run(light.run)];
    await turns();
    expect([first.isStarted, heavy.isStarted, light.isStarted]).toEqual([true, false, false]);
    first.end('');
    await turns();
    expect([heavy.isStarted, light.isStarted]).toEqual([true, false]);
    heavy.end('');
    await turns();
    expect(light.isStarted).toBe(true);
    light.end('');
    await Promise.all(outcomes);
  });

  it('lets a task in at once that comes to be the head and fits, though others wait', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 4, maxQueue: 1, ageingMs: 10, clock });
    const tasks = [held(), held(), held(), held()];
    const [first, heavy, urgent, later] = tasks.map(({ run }, index) =>
      pool.run(run, { weight: [2, 3, 1, 1][index], priority: [0, 0, 1, 1][index] }),
    );
    await turns();
    // The queue is full, but it has no need to wait.
    expect(tasks.map(({ isStarted }) => isStarted)).toEqual([true, false, true, true]);
    expect([pool.size, pool.active]).toEqual([1, 3]);
    tasks[3]?.end('later');
    await expect(later).resolves.toBe('later');
    await clock.advance(10);
    // As old as that, what waits is as urgent.
    expect(pool.tryRun(() => 1, { priority: 1 })).toBeUndefined();
    await expect(pool.tryRun(() => 'more urgent', { priority: 2 })).resolves.toBe('more urgent');
    expect(tasks[1]?.isStarted).toBe(false);
    for (const task of tasks) task.end('');
    await Promise.all([first, heavy, urgent]);
  });

  it('may be infinite', async () => {
    const pool = new TaskPool({ concurrency: Infinity });
    const outcomes = Array.from({ length: 2_000 }, (_, n) => pool.run(() => Promise.resolve(n)));
    expect(pool.active).toBe(2_000);
    expect(await Promise.all(outcomes)).toHaveLength(2_000);
  });
});

it('a pool without a limit goes on after tasks of any weight', async () => {
  const pool = new TaskPool({ concurrency: Infinity });
  await Promise.all([1, 2].map(() => pool.run(() => Promise.resolve(), { weight: Number.MAX_VALUE })));
  pool.pause();
  const waiting = pool.run(() => 'waited');
  pool.resume();
  await expect(waiting).resolves.toBe('waited');
});

describe('tryRun', () => {
  it('takes a slot at once or not at all', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const outcome = pool.tryRun(task.run);
    expect(outcome).toBeInstanceOf(Promise);
    expect(pool.tryRun(() => 1)).toBeUndefined();
    const controller = new AbortController();
    expect(pool.tryRun(() => 1, { signal: controller.signal })).toBeUndefined();
    controller.abort('gone');
    // Waiting would not help it.
    await expect(pool.tryRun(() => 1, { signal: controller.signal })).rejects.toBe('gone');
    task.end('done');
    await expect(outcome).resolves.toBe('done');
    expect(pool.stats()).toMatchObject({ submitted: 2, canceled: 1, rejected: 0 });
  });

  it('does not overtake what waits', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const first = held();
    const outcomes = [pool.run(first.run), pool.run(() => 1, { weight: 2 })];
    expect(pool.tryRun(() => 1)).toBeUndefined();
    first.end('');
    await Promise.all(outcomes);
  });

  it('rejects where waiting would not help', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const reason = new Error('gone');
    await expect(pool.tryRun(() => 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(pool.tryRun(() => 1, { weight: 2 })).rejects.toBeInstanceOf(RangeError);
    await expect(pool.tryRun(1 as never)).rejects.toBeInstanceOf(TypeError);
    await pool.close();
    await expect(pool.tryRun(() => 1)).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
  });
});

describe('wrap', () => {
  it('passes this and the arguments through', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const account = {
      balance: 1,
      deposit: pool.wrap(function (this: { balance: number }, amount: number) {
        return (this.balance += amount);
      }),
    };
    await expect(account.deposit(2)).resolves.toBe(3);
    expect(() => pool.wrap(undefined as never)).toThrow(new TypeError('fn must be a function, got undefined'));
  });
});

describe('options', () => {
  it.each([
    [{ concurrency: 0 }, 'concurrency must be an integer of at least 1, or Infinity, got 0'],
    [{ concurrency: 1.5 }, 'concurrency must be an integer of at least 1, or Infinity, got 1.5'],
    [{ concurrency: NaN }, 'concurrency must be an integer of at least 1, or Infinity, got NaN'],
    [{ maxQueue: -1 }, 'maxQueue must be an integer of at least 0, or Infinity, got -1'],
    [{ maxQueue: 0.5 }, 'maxQueue must be an integer of at least 0, or Infinity, got 0.5'],
    [{ ageingMs: 0 }, 'ageingMs must be above 0 milliseconds, got 0'],
    [{ stallWarningMs: -1 }, 'stallWarningMs must be at least 0, got -1'],
  ])('of the pool out of range are refused: %p', (options, message) => {
    expect(() => new TaskPool({ concurrency: 1, ...options })).toThrow(new RangeError(message));
  });

  it.each([
    [{ name: 1 }, 'name must be a string, got 1'],
    [{ concurrency: undefined }, 'concurrency must be a number, an integer of at least 1, or Infinity, got undefined'],
    [{ concurrency: '2' }, 'concurrency must be a number, an integer of at least 1, or Infinity, got "2"'],
    [{ overflow: 'block' }, /^overflow must be 'reject' or 'wait' or.*got "block"$/],
    [{ fairness: null }, "fairness must be 'fifo' or 'round-robin', got null"],
    [{ serializeKeys: 1 }, 'serializeKeys must be a boolean, got 1'],
    [{ signal: {} }, 'signal must be an AbortSignal or a Context or undefined, got an object'],
    [{ clock: {} }, 'clock must be a clock, got an object'],
  ])('of the pool of another type are refused: %p', (options, message) => {
    expect(() => new TaskPool({ concurrency: 1, ...options } as never)).toThrow(message);
    expect(() => new TaskPool({ concurrency: 1, ...options } as never)).toThrow(TypeError);
  });

  it.each([
    [{ priority: NaN }, 'priority must be anything but NaN, got NaN'],
    [{ weight: 0 }, 'weight must be an integer from 1 to concurrency, which is 2, got 0'],
    [{ weight: 3 }, 'weight must be an integer from 1 to concurrency, which is 2, got 3'],
    [{ weight: 1.5 }, 'weight must be an integer from 1 to concurrency, which is 2, got 1.5'],
    [{ timeoutMs: -1 }, 'timeoutMs must be at least 0, got -1'],
    [{ queueTimeoutMs: NaN }, 'queueTimeoutMs must be at least 0, got NaN'],
  ])('of a task out of range reject: %p', async (options, message) => {
    const pool = new TaskPool({ concurrency: 2 });
    const operation = jest.fn();
    expect(await rejection(pool.run(operation, options))).toEqual(new RangeError(message));
    expect(operation).not.toHaveBeenCalled();
    expect(pool.stats().submitted).toBe(0);
  });

  it.each([{ name: 1 }, { key: 1 }, { release: 'never' }, { signal: null }, { priority: '1' }])(
    'of a task of another type reject, by name: %p',
    async (options) => {
      const pool = new TaskPool({ concurrency: 2 });
      const error = await rejection(pool.run(() => 1, options as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(new RegExp(`^TypeError: ${Object.keys(options)[0]} must be `));
    },
  );

  it('are kept, whatever becomes of the objects they came in', async () => {
    const clock = new VirtualClock();
    const options = { name: 'p', concurrency: 1, maxQueue: 1, overflow: 'reject' as const, clock };
    const pool = new TaskPool(options);
    Object.assign(options, { name: 'q', concurrency: 9, maxQueue: 9, overflow: 'wait', clock: undefined });
    const first = held();
    const of = { name: 't', priority: 0, weight: 1, timeoutMs: 10, queueTimeoutMs: 20 };
    const running = rejection(pool.run(first.run, of));
    const waiting = rejection(pool.run(() => 1, of));
    Object.assign(of, { timeoutMs: 1, queueTimeoutMs: 1, weight: -1 });
    expect([pool.name, pool.concurrency, pool.size]).toEqual(['p', 1, 1]);
    expect(await rejection(pool.run(() => 1))).toMatchObject({ code: 'ERR_POOL_FULL', policy: 'p' });
    await clock.advance(20);
    expect(await running).toMatchObject({ phase: 'run', timeoutMs: 10 });
    expect(await waiting).toMatchObject({ phase: 'queue', timeoutMs: 20 });
    first.end('');
    await pool.idle();
  });

  it('may be undefined, all of them', async () => {
    const pool = new TaskPool({
      name: undefined,
      concurrency: 1,
      maxQueue: undefined,
      overflow: undefined,
      fairness: undefined,
      serializeKeys: undefined,
      ageingMs: undefined,
      signal: undefined,
      stallWarningMs: undefined,
      clock: undefined,
    });
    expect([pool.name, pool.kind, pool.concurrency]).toEqual([undefined, 'task-pool', 1]);
    const none = { name: undefined, key: undefined, priority: undefined, weight: undefined, timeoutMs: undefined };
    await expect(pool.run(() => 1, { ...none, queueTimeoutMs: undefined, release: undefined })).resolves.toBe(1);
    await pool.close({ drain: undefined, timeoutMs: undefined });
  });

  it('an operation has to be a function', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    expect(await rejection(pool.run({} as never))).toEqual(new TypeError('task must be a function, got an object'));
  });
});

it('runs everything when tasks submit tasks from inside', async () => {
  const pool = new TaskPool({ concurrency: 2, clock: new VirtualClock() });
  const seen: number[] = [];
  const submit = (depth: number): void => {
    swallow(
      pool.run(() => {
        seen.push(depth);
        if (depth < 5) {
          submit(depth + 1);
          submit(depth + 1);
        }
      }),
    );
  };
  submit(0);
  await pool.idle();
  expect(seen).toHaveLength(63);
});
