import { getEventListeners } from 'node:events';
import {
  DeadlineExceededError,
  sleep,
  withCancel,
  withDeadline,
  withTimeout,
  type Context,
  type Operation,
} from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, TaskTimeoutError } from '@patterns/pool';
import { failOnLeaks, warningsOf } from '@patterns-tools/test-kit';
import { held, rejection, swallow, turns } from './held-task.ts';

failOnLeaks();

describe('a signal', () => {
  it('that has ended before makes no call and rejects with its reason', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const reason = new Error('gave up');
    const operation = jest.fn();
    const ctx = withCancel();
    ctx.cancel(reason);
    await expect(pool.run(operation, { signal: ctx })).rejects.toBe(reason);
    await expect(pool.run(operation, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(operation).not.toHaveBeenCalled();
    expect(pool.stats()).toMatchObject({ submitted: 2, canceled: 2 });
  });

  it('has one listener, and no warning, however many tasks run and wait under it', async () => {
    const pool = new TaskPool({ concurrency: 500 });
    const { signal } = new AbortController();
    const gate = held();
    const warnings = await warningsOf(async () => {
      const tasks = Array.from({ length: 1_000 }, () => pool.run(gate.run, { signal }));
      await turns();
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      gate.end('');
      await Promise.all(tasks);
    });
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('takes a waiting task out of the queue at once', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const first = held();
    const running = pool.run(first.run);
    const controller = new AbortController();
    const operation = jest.fn();
    const waiting = pool.run(operation, { signal: controller.signal });
    expect(pool.size).toBe(1);
    controller.abort('gone');
    expect(pool.size).toBe(0);
    await expect(waiting).rejects.toBe('gone');
    first.end('');
    await running;
    expect(operation).not.toHaveBeenCalled();
    expect(pool.stats()).toMatchObject({ canceled: 1, completed: 1 });
  });

  it('that ends between the slot and the start prevents the start', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const operation = jest.fn();
    const ctx = withCancel();
    const outcome = pool.run(operation, { signal: ctx });
    ctx.cancel('gone');
    await expect(outcome).rejects.toBe('gone');
    expect(operation).not.toHaveBeenCalled();
    expect([pool.active, pool.stats().canceled]).toEqual([0, 1]);

    // The same for one that had to wait.
    const late = withCancel();
    const outcomes = [pool.run(() => 1), rejection(pool.run(operation, { signal: late }))];
    while (pool.size > 0) await Promise.resolve();
    late.cancel('late');
    expect(await Promise.all(outcomes)).toEqual([1, 'late']);
    expect(operation).not.toHaveBeenCalled();
    await pool.idle();
  });

  it('rejects a running task at once, whose slot stays taken until the operation has ended', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const ctx = withCancel();
    const outcome = pool.run(task.run, { signal: ctx });
    await turns();
    ctx.cancel('gone');
    await expect(outcome).rejects.toBe('gone');
    expect(task.ctx?.cause).toBe('gone');
    expect(pool.active).toBe(1);
    expect(pool.tryRun(() => 1)).toBeUndefined();
    task.fail(new Error('ignored'));
    await turns();
    expect(pool.active).toBe(0);
    expect(pool.stats()).toMatchObject({ canceled: 1, failed: 0, completed: 0 });
  });

  it('that ends when the task has ended changes nothing', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const ctx = withCancel();
    await expect(pool.run(() => 1, { signal: ctx })).resolves.toBe(1);
    ctx.cancel();
    expect(pool.stats()).toMatchObject({ completed: 1, canceled: 0 });
  });

  it('with a deadline ends a task that waits or runs', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    using limited = withTimeout(undefined, 100, { clock });
    const task = held();
    const running = rejection(pool.run(task.run, { signal: limited }));
    const waiting = rejection(pool.run(() => 1, { signal: limited }));
    await clock.advance(100);
    expect(await running).toBe(limited.cause);
    expect(await waiting).toBe(limited.cause);
    task.end('');
    await pool.idle();
  });

  it('with a deadline that has passed, though its timer is late, refuses what would have to wait', async () => {
    let now = 0;
    const clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const pool = new TaskPool({ concurrency: 1 });
    const [first, operation] = [held(), jest.fn()];
    const running = pool.run(first.run);
    using signal = withTimeout(undefined, 10, { clock });
    now = 10;
    for (const options of [{ signal }, { signal, queueTimeoutMs: 0 }, { signal, priority: 1 }])
      expect(await rejection(pool.run(operation, options))).toBeInstanceOf(DeadlineExceededError);
    expect(await rejection(pool.map([1], operation, { signal }).next())).toBeInstanceOf(DeadlineExceededError);
    expect(pool.tryRun(operation, { signal })).toBeUndefined();
    expect([operation.mock.calls.length, pool.size]).toEqual([0, 0]);
    expect(pool.stats()).toMatchObject({ canceled: 4, rejected: 0 });
    first.end('');
    await running;
    // What finds a free slot has nothing to wait for.
    await expect(pool.run(() => 1, { signal })).resolves.toBe(1);
  });

  it('may be aborted by the operation itself', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const controller = new AbortController();
    const outcome = pool.run(
      (ctx) => {
        controller.abort('by itself');
        return ctx.done;
      },
      { signal: controller.signal },
    );
    await expect(outcome).rejects.toBe('by itself');
    await turns();
    expect([pool.active, pool.stats().canceled]).toEqual([0, 1]);
  });

  it('may submit from its listeners', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const controller = new AbortController();
    const first = held();
    const outcomes = [
      pool.run(first.run, { signal: controller.signal }),
      pool.run(() => 2, { signal: controller.signal }),
    ];
    let third: Promise<number> | undefined;
    const onAbort = (): void => {
      third = pool.run(() => 3);
    };
    controller.signal.addEventListener('abort', onAbort, { once: true });
    await turns();
    controller.abort('gone');
    for (const outcome of outcomes) await expect(outcome).rejects.toBe('gone');
    first.end('');
    await expect(third).resolves.toBe(3);
  });
});

describe("a task's own signal, which it may share with others", () => {
  const thousand = Array.from({ length: 1_000 }, (_, index) => index);
  const ways: readonly (readonly [string, (pool: TaskPool, task: Operation<void>) => Promise<unknown>])[] = [
    ['run', (pool, task) => Promise.all(thousand.map(() => pool.run(task)))],
    ['map', (pool, task) => pool.map(thousand, (_, ctx) => task(ctx)).toArray()],
    [
      'group',
      (pool, task) => {
        const group = pool.group();
        thousand.forEach(() => {
          group.go(task);
        });
        return group.wait();
      },
    ],
  ];

  it.each(ways)('gives no warning where each of 1 000 listens to it: %s', async (_, start) => {
    const listen = async ({ signal }: Context): Promise<void> => {
      const onAbort = (): void => undefined;
      signal.addEventListener('abort', onAbort);
      await turns();
      signal.removeEventListener('abort', onAbort);
    };
    expect(await warningsOf(() => start(new TaskPool({ concurrency: 1_000 }), listen))).toEqual([]);
  });
});

describe('timeoutMs', () => {
  it('rejects and ends the context with a TaskTimeoutError, from the start of the task', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ name: 'p', concurrency: 1, clock });
    const [first, second] = [held(), held()];
    const running = pool.run(first.run);
    const outcome = rejection(pool.run(second.run, { timeoutMs: 100 }));
    await clock.advance(1_000);
    first.end('');
    await running;
    await clock.advance(99);
    expect(second.ctx).toMatchObject({ done: false, deadline: 1_100 });
    await clock.advance(1);
    const error = await outcome;
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({
      code: 'ERR_TASK_TIMEOUT',
      phase: 'run',
      timeoutMs: 100,
      policy: 'p',
      message: 'did not end within 100 ms of its start',
    });
    expect(second.ctx?.cause).toBe(error);
    expect(second.ctx?.signal.reason).toBe(error);
    expect(pool.active).toBe(1);
    second.end('ignored');
    await turns();
    expect(pool.active).toBe(0);
    expect(pool.stats()).toMatchObject({ failed: 1, completed: 1 });
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer when the task ends before', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    await expect(pool.run(() => Promise.resolve(1), { timeoutMs: 100 })).resolves.toBe(1);
    await expect(pool.run(() => 1, { timeoutMs: 100, signal: new AbortController().signal })).resolves.toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('with release: timeout frees the slot at once, and ignores what comes later', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock, serializeKeys: true });
    const task = held();
    const outcome = rejection(pool.run(task.run, { timeoutMs: 100, release: 'timeout', key: 'k' }));
    const next = pool.run(() => 'next', { key: 'k' });
    await clock.advance(100);
    expect(await outcome).toMatchObject({ phase: 'run' });
    await expect(next).resolves.toBe('next');
    expect(pool.active).toBe(0);
    const late = pool.run(() => 'later');
    task.end('late');
    await expect(late).resolves.toBe('later');
    expect(pool.stats()).toMatchObject({ failed: 1, completed: 2, active: 0 });
  });

  it.each(['settled', 'timeout'] as const)('of 0 makes no call, with release: %s', async (release) => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const operation = jest.fn();
    const outcomes = [1, 2].map(() => rejection(pool.run(operation, { timeoutMs: 0, release })));
    expect(await Promise.all(outcomes)).toMatchObject([{ phase: 'run' }, { phase: 'run' }]);
    expect(operation).not.toHaveBeenCalled();
    expect([pool.active, clock.pending]).toEqual([0, 0]);
  });

  it('gives way to an earlier deadline of the caller', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    using limited = withDeadline(undefined, 50, { clock });
    const task = held();
    const outcome = rejection(pool.run(task.run, { signal: limited, timeoutMs: 100 }));
    await clock.advance(50);
    expect(await outcome).toBe(limited.cause);
    expect(pool.stats().canceled).toBe(1);
    task.end('');
    await pool.idle();
  });

  it('lives by the clock of the caller, where that has one', async () => {
    const [clock, callers] = [new VirtualClock(), new VirtualClock()];
    const pool = new TaskPool({ concurrency: 1, clock });
    using limited = withTimeout(undefined, 1_000, { clock: callers });
    const task = held();
    const outcome = rejection(pool.run(task.run, { signal: limited, timeoutMs: 100, queueTimeoutMs: 5 }));
    const waiting = rejection(pool.run(() => 1, { signal: limited, queueTimeoutMs: 50 }));
    await callers.advance(50);
    expect(await waiting).toMatchObject({ phase: 'queue' });
    await callers.advance(50);
    expect(await outcome).toMatchObject({ phase: 'run' });
    task.end('');
    await pool.idle();
  });

  it('interrupts an operation that listens', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const outcome = rejection(pool.run((ctx) => sleep(10_000, { signal: ctx, clock }), { timeoutMs: 100 }));
    await clock.advance(100);
    expect(await outcome).toMatchObject({ code: 'ERR_TASK_TIMEOUT' });
    expect(pool.active).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('queueTimeoutMs', () => {
  it('refuses a task that has not started by then, which leaves the queue', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ name: 'p', concurrency: 1, clock });
    const first = held();
    const running = pool.run(first.run);
    const operation = jest.fn();
    const outcome = rejection(pool.run(operation, { queueTimeoutMs: 100, signal: new AbortController().signal }));
    await clock.advance(99);
    expect(pool.size).toBe(1);
    await clock.advance(1);
    const error = await outcome;
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ phase: 'queue', timeoutMs: 100, policy: 'p', message: 'not started within 100 ms' });
    expect([pool.size, clock.pending]).toEqual([0, 0]);
    first.end('');
    await running;
    expect(operation).not.toHaveBeenCalled();
    expect(pool.stats()).toMatchObject({ rejected: 1, canceled: 0 });
  });

  it('is not what refuses a task whose signal ends before', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const first = held();
    const running = pool.run(first.run);
    const controller = new AbortController();
    const waiting = pool.run(() => 1, { queueTimeoutMs: 100, signal: controller.signal });
    controller.abort('gone');
    await expect(waiting).rejects.toBe('gone');
    expect(pool.stats()).toMatchObject({ canceled: 1, rejected: 0 });
    first.end('');
    await running;
  });

  it('refuses it too where its timer is late: what should have left never starts', async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const pool = new TaskPool({ concurrency: 1, clock });
    const first = held();
    const operation = jest.fn();
    const outcomes = [
      pool.run(first.run),
      pool.run(operation, { queueTimeoutMs: 9.9 }),
      pool.run(operation, { signal: withTimeout(undefined, 9.9, { clock }), queueTimeoutMs: 50 }),
      pool.run(operation, { signal: withTimeout(undefined, 9.9, { clock, cause: 'checkout' }) }),
      // Exactly that long is allowed.
      pool.run(() => 'ran', { queueTimeoutMs: 10 }),
    ];
    const settled = Promise.allSettled(outcomes);
    await turns();
    nowMs = 10;
    first.end('');
    expect(await settled).toMatchObject([
      { value: '' },
      { reason: { code: 'ERR_TASK_TIMEOUT', phase: 'queue', timeoutMs: 9.9 } },
      { reason: { code: 'ERR_DEADLINE_EXCEEDED' } },
      { reason: 'checkout' },
      { value: 'ran' },
    ]);
    expect(operation).not.toHaveBeenCalled();
    expect(pool.stats()).toMatchObject({ completed: 2, rejected: 1, canceled: 2, active: 0, queued: 0 });
  });

  it.each<[string, object, unknown]>([
    ['has passed', { deadline: { value: 0 }, remaining: { value: () => 0 } }, 'ran'],
    [
      'cannot be read',
      {
        deadline: {
          get: () => {
            throw new Error('by hand');
          },
        },
      },
      new Error('by hand'),
    ],
  ])('is not taken for over because another deadline, which is not ours, %s', async (_, members, outcome) => {
    const pool = new TaskPool({ concurrency: 1 });
    const first = held();
    const outcomes = [pool.run(first.run)];
    const { signal } = new AbortController();
    const foreign = {
      signal,
      deadline: performance.now() + 1,
      done: false,
      err: undefined,
      cause: undefined,
      remaining: () => 5,
      value: () => undefined,
      throwIfDone: () => undefined,
    } as unknown as Context;
    outcomes.push(pool.run(() => 'ran', { signal: foreign, queueTimeoutMs: 60_000 }));
    await turns();
    Object.defineProperties(foreign, members as PropertyDescriptorMap);
    first.end('first');
    const settled = await Promise.allSettled(outcomes);
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as unknown)))).toEqual([
      'first',
      outcome,
    ]);
  });

  it('is not passed over by tasks that follow one another without a pause', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const busy = (): void => {
      for (const endMs = performance.now() + 2; performance.now() < endMs;);
    };
    const outcomes = Array.from({ length: 20 }, () => pool.run(busy));
    const operation = jest.fn();
    expect(await rejection(pool.run(operation, { queueTimeoutMs: 5 }))).toMatchObject({ phase: 'queue' });
    await Promise.all(outcomes);
    expect(operation).not.toHaveBeenCalled();
  });

  it('is over when the task starts', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const [first, second] = [held(), held()];
    const outcomes = [pool.run(first.run), pool.run(second.run, { queueTimeoutMs: 100 })];
    await clock.advance(50);
    first.end('');
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
    second.end('done');
    await expect(outcomes[1]).resolves.toBe('done');
  });

  it('of 0 means to start at once or be refused', async () => {
    const pool = new TaskPool({ name: 'p', concurrency: 1, maxQueue: 1, overflow: 'drop-oldest' });
    const first = held();
    const running = pool.run(first.run, { queueTimeoutMs: 0 });
    const refused = { phase: 'queue', timeoutMs: 0, policy: 'p' };
    expect(await rejection(pool.run(() => 1, { queueTimeoutMs: 0 }))).toMatchObject(refused);
    // And takes nobody's place.
    const waiting = pool.run(() => 'waiting');
    expect(await rejection(pool.run(() => 1, { queueTimeoutMs: 0 }))).toMatchObject(refused);
    first.end('');
    await Promise.all([running, expect(waiting).resolves.toBe('waiting')]);
  });
});

it('a heavy head that leaves lets a lighter one start', async () => {
  const pool = new TaskPool({ concurrency: 2 });
  const [first, light] = [held(), held()];
  const controller = new AbortController();
  const running = pool.run(first.run);
  const heavy = pool.run(() => 1, { weight: 2, signal: controller.signal });
  const outcome = pool.run(light.run);
  await turns();
  expect(light.isStarted).toBe(false);
  controller.abort('gone');
  await expect(heavy).rejects.toBe('gone');
  await turns();
  expect(light.isStarted).toBe(true);
  first.end('');
  light.end('');
  await Promise.all([running, outcome]);
});

it('raises no unhandled rejection from inside', async () => {
  const clock = new VirtualClock();
  // Jest fails a test in whose time there is one; `process` in its sandbox is a copy that hears of none.
  const pool = new TaskPool({ concurrency: 1, clock });
  const late = held();
  swallow(pool.run(late.run, { timeoutMs: 5 }));
  swallow(pool.run(() => Promise.reject(new Error('a')), { queueTimeoutMs: 1 }));
  pool.go(() => Promise.reject(new Error('b')));
  const group = pool.group();
  group.go(() => Promise.reject(new Error('c')));
  await clock.advance(10);
  late.fail(new Error('late'));
  await turns();
  await pool.close();
  await group[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  expect(pool.stats()).toMatchObject({ active: 0, queued: 0 });
});
