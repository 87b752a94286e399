import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { CanceledError, DeadlineExceededError, withCancel, withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { PoolClosedError, TaskPool } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, swallow, turns } from './held-task.ts';

failOnLeaks();

describe('pause and resume', () => {
  it('starts nothing in between, while what runs goes on', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const first = held();
    const running = pool.run(first.run);
    await turns();
    pool.pause();
    const operation = jest.fn();
    const waiting = [pool.run(operation), pool.run(operation)];
    expect(pool.tryRun(operation)).toBeUndefined();
    first.end('done');
    await expect(running).resolves.toBe('done');
    await turns();
    expect([pool.active, pool.size, pool.stats().paused]).toEqual([0, 2, true]);
    expect(operation).not.toHaveBeenCalled();
    pool.resume();
    await Promise.all(waiting);
    expect(operation).toHaveBeenCalledTimes(2);
    expect(pool.stats().paused).toBe(false);
  });
});

describe('resize', () => {
  it('up starts what fits', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const tasks = [held(), held(), held(), held()];
    const outcomes = tasks.map((task) => pool.run(task.run));
    pool.resize(3);
    await turns();
    expect(tasks.map((task) => task.isStarted)).toEqual([true, true, true, false]);
    expect(pool.concurrency).toBe(3);
    for (const task of tasks) task.end('');
    await Promise.all(outcomes);
  });

  it('down does not touch what runs, and starts nothing before enough has ended', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const tasks = [held(), held(), held(), held()];
    const outcomes = tasks.map((task) => pool.run(task.run));
    await turns();
    pool.resize(1);
    expect(pool.active).toBe(3);
    tasks[0]?.end('');
    tasks[1]?.end('');
    await turns();
    expect([pool.active, tasks[3]?.isStarted]).toEqual([1, false]);
    tasks[2]?.end('');
    await turns();
    expect(tasks[3]?.isStarted).toBe(true);
    tasks[3]?.end('');
    await Promise.all(outcomes);
  });

  it('lets a task that weighs more than everything now run alone', async () => {
    const pool = new TaskPool({ concurrency: 4 });
    const [first, heavy, light] = [held(), held(), held()];
    const outcomes = [pool.run(first.run), pool.run(heavy.run, { weight: 4 }), pool.run(light.run)];
    await turns();
    pool.resize(2);
    first.end('');
    await turns();
    expect([heavy.isStarted, light.isStarted, pool.active]).toEqual([true, false, 1]);
    heavy.end('');
    await turns();
    expect(light.isStarted).toBe(true);
    light.end('');
    await Promise.all(outcomes);
    await expect(pool.run(() => 1, { weight: 3 })).rejects.toBeInstanceOf(RangeError);
  });

  it('refuses what is below 1', () => {
    const pool = new TaskPool({ concurrency: 1 });
    for (const size of [0, -1, 1.5, NaN])
      expect(() => {
        pool.resize(size);
      }).toThrow(RangeError);
    expect(pool.concurrency).toBe(1);
  });
});

describe('clear', () => {
  it('rejects what waits, each with an error of its own, and says how many', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 2, overflow: 'wait' });
    const first = held();
    const running = pool.run(first.run);
    const waiting = [1, 2, 3].map(() => rejection(pool.run(() => 1, { signal: new AbortController().signal })));
    expect(pool.clear()).toBe(3);
    const errors = await Promise.all(waiting);
    expect(new Set(errors).size).toBe(3);
    for (const error of errors) expect(error).toBeInstanceOf(CanceledError);
    expect(errors[0]).toMatchObject({ message: 'cleared from the queue of the pool' });
    expect(pool.size).toBe(0);
    const reason = new Error('mine');
    const another = rejection(pool.run(() => 1, { priority: 3 }));
    expect(pool.clear(reason)).toBe(1);
    expect(await another).toBe(reason);
    expect(pool.clear()).toBe(0);
    first.end('done');
    await expect(running).resolves.toBe('done');
    expect(pool.stats()).toMatchObject({ rejected: 4, completed: 1 });
  });

  it('leaves those that come meanwhile', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const group = pool.group();
    const first = held();
    const running = pool.run(first.run);
    let late: Promise<string> | undefined;
    const onAbort = (): void => {
      late = pool.run(() => 'late');
    };
    group.context.signal.addEventListener('abort', onAbort, { once: true });
    group.go(() => 1);
    expect(pool.clear('gone')).toBe(1);
    expect(pool.size).toBe(1);
    first.end('');
    await running;
    await expect(late).resolves.toBe('late');
    expect(await rejection(group.wait())).toBe('gone');
  });
});

describe('whenBelow', () => {
  it('waits until fewer than n tasks do', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const tasks = [held(), held(), held()];
    const outcomes = tasks.map((task) => pool.run(task.run));
    await pool.whenBelow(3);
    const reached: string[] = [];
    const waits = [
      pool.whenBelow(2).then(() => reached.push('2')),
      pool.whenBelow(1).then(() => reached.push('1')),
      pool.whenBelow(2).then(() => reached.push('2')),
    ];
    await turns();
    expect(reached).toEqual([]);
    tasks[0]?.end('');
    await turns();
    expect(reached).toEqual(['2', '2']);
    tasks[1]?.end('');
    await turns();
    expect(reached).toEqual(['2', '2', '1']);
    tasks[2]?.end('');
    await Promise.all([...waits, ...outcomes]);
  });

  it('takes a signal, and refuses what is below 1', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    pool.pause();
    swallow(pool.run(() => 1));
    const controller = new AbortController();
    const waiting = rejection(pool.whenBelow(1, { signal: controller.signal }));
    controller.abort('gone');
    expect(await waiting).toBe('gone');
    expect(await rejection(pool.whenBelow(1, { signal: controller.signal }))).toBe('gone');
    expect(await rejection(pool.whenBelow(5, { signal: controller.signal }))).toBe('gone');
    expect(await rejection(pool.whenBelow(0))).toBeInstanceOf(RangeError);
    expect(await rejection(pool.whenBelow(1, { signal: 1 as never }))).toBeInstanceOf(TypeError);
    pool.resume();
    await pool.idle();
  });

  it('bounds a loop that submits', async () => {
    const pool = new TaskPool({ concurrency: 2, maxQueue: 5 });
    let most = 0;
    for (let n = 0; n < 200; n++) {
      await pool.whenBelow(5);
      pool.go(() => Promise.resolve());
      most = Math.max(most, pool.size);
    }
    await pool.wait();
    expect(most).toBeLessThanOrEqual(5);
    expect(pool.stats().completed).toBe(200);
  });
});

it('waits reject when their deadline has passed, though its timer has not come yet', async () => {
  let now = 0;
  const clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
  const pool = new TaskPool({ concurrency: 1 });
  pool.pause();
  pool.go(() => 1);
  const group = pool.group();
  group.go(() => 1);
  using signal = withTimeout(undefined, 10, { clock });
  now = 20;
  for (const wait of [
    pool.idle({ signal }),
    pool.whenBelow(1, { signal }),
    pool.wait({ signal }),
    group.wait({ signal }),
  ])
    expect(await rejection(wait)).toBeInstanceOf(DeadlineExceededError);
  pool.resume();
  await Promise.all([pool.wait(), group.wait()]);
});

describe('idle', () => {
  it('waits until nothing runs or waits', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    await pool.idle();
    const task = held();
    const outcomes = [pool.run(task.run), pool.run(() => 1)];
    let isIdle = false;
    const waiting = Promise.all([pool.idle(), pool.idle()]).then(() => {
      isIdle = true;
    });
    await turns();
    expect(isIdle).toBe(false);
    task.end('');
    await waiting;
    expect([pool.active, pool.size]).toEqual([0, 0]);
    await Promise.all(outcomes);
  });

  it('waits for what waits in a pool that is paused', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    pool.pause();
    const outcome = pool.run(() => 1);
    let isIdle = false;
    const waiting = pool.idle().then(() => {
      isIdle = true;
    });
    pool.resize(2);
    await turns();
    expect(isIdle).toBe(false);
    pool.resume();
    await Promise.all([waiting, outcome]);
  });

  it('takes a signal', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const outcome = pool.run(task.run);
    const controller = new AbortController();
    const waiting = rejection(pool.idle({ signal: controller.signal }));
    controller.abort('gone');
    expect(await waiting).toBe('gone');
    task.end('');
    await outcome;
  });
});

describe('close', () => {
  it('drains: runs what waits and refuses what comes, also from running tasks', async () => {
    const pool = new TaskPool({ name: 'p', concurrency: 1 });
    const task = held();
    const outcomes = [pool.run(task.run), pool.run(() => 'second'), pool.run(() => rejection(pool.run(() => 1)))];
    const closing = pool.close();
    expect(pool.close({ drain: false })).toBe(closing);
    const error = await rejection(pool.run(() => 1));
    expect(error).toBeInstanceOf(PoolClosedError);
    expect(error).toMatchObject({ code: 'ERR_POOL_CLOSED', policy: 'p', message: 'the pool is closed' });
    expect(pool.stats()).toMatchObject({ closed: true, queued: 2 });
    task.end('first');
    await closing;
    const [first, second, third] = await Promise.all(outcomes);
    expect([first, second]).toEqual(['first', 'second']);
    expect(third).toBeInstanceOf(PoolClosedError);
  });

  it('resolves when all promises have settled, and those who hold them have been told', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const told: unknown[] = [];
    for (let n = 0; n < 10; n++) {
      pool
        .run(() => (n % 2 === 0 ? Promise.resolve(n) : n))
        .then(
          (value) => told.push(value),
          () => told.push('rejected'),
        )
        .catch(() => undefined);
    }
    await turns();
    pool.pause();
    for (let n = 0; n < 5; n++) pool.run(() => 1).catch(() => told.push('rejected'));
    await pool.close({ drain: false });
    expect(told).toHaveLength(15);
    expect(told.filter((value) => value === 'rejected')).toHaveLength(5);
  });

  it('goes on when it was paused, to drain', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    pool.pause();
    const outcome = pool.run(() => 1);
    await pool.close();
    await expect(outcome).resolves.toBe(1);
    pool.pause();
    expect(pool.stats().paused).toBe(false);
  });

  it('without drain rejects what waits and waits for what runs', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const running = pool.run(task.run);
    const waiting = rejection(pool.run(() => 1));
    let isClosed = false;
    const closing = pool.close({ drain: false }).then(() => {
      isClosed = true;
    });
    expect(await waiting).toBeInstanceOf(PoolClosedError);
    await turns();
    expect([isClosed, task.ctx?.done]).toEqual([false, false]);
    task.end('done');
    await closing;
    await expect(running).resolves.toBe('done');
  });

  describe.each([0, 1])('of a pool before whose queue of %i others stand', (maxQueue) => {
    const crowded = () => {
      const pool = new TaskPool({ concurrency: 1, maxQueue, overflow: 'wait' });
      const task = held();
      const ran: string[] = [];
      const submit = (name: string): Promise<string> => pool.run(() => (ran.push(name), name));
      return { pool, task, ran, outcomes: [pool.run(task.run), ...['a', 'b', 'c', 'd'].map(submit)] };
    };

    it('runs them too when it drains, in order, and lets nobody else stand there', async () => {
      const { pool, task, ran, outcomes } = crowded();
      const closing = pool.close();
      expect(pool.size).toBe(4);
      expect(await rejection(pool.run(() => 'e'))).toBeInstanceOf(PoolClosedError);
      task.end('first');
      await closing;
      expect(await Promise.all(outcomes)).toEqual(['first', 'a', 'b', 'c', 'd']);
      expect(ran).toEqual(['a', 'b', 'c', 'd']);
    });

    it('rejects them at once when it does not', async () => {
      const { pool, task, ran, outcomes } = crowded();
      const closing = pool.close({ drain: false });
      expect(pool.size).toBe(0);
      for (const outcome of outcomes.slice(1)) expect(await rejection(outcome)).toBeInstanceOf(PoolClosedError);
      task.end('first');
      await closing;
      await expect(outcomes[0]).resolves.toBe('first');
      expect(ran).toEqual([]);
      expect(pool.stats()).toMatchObject({ submitted: 5, completed: 1, rejected: 4, canceled: 0 });
    });
  });

  it('without timeoutMs needs no timer', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const task = held();
    const outcome = pool.run(task.run);
    const closing = pool.close();
    await turns();
    expect(clock.pending).toBe(0);
    task.end('done');
    await Promise.all([closing, outcome]);
  });

  it('with timeoutMs rejects what waits then, ends the contexts of what runs, and waits no longer', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ name: 'p', concurrency: 3, clock });
    using caller = withCancel();
    const tasks = [held(), held(), held()] as const;
    const outcomes = [
      rejection(pool.run(tasks[0].run)),
      rejection(pool.run(tasks[1].run, { signal: caller })),
      rejection(pool.run(tasks[2].run, { timeoutMs: 10_000 })),
      rejection(pool.run(() => 1)),
    ];
    let isClosed = false;
    const closing = pool.close({ timeoutMs: 1_000 }).then(() => {
      isClosed = true;
    });
    await clock.advance(999);
    expect([isClosed, pool.active, pool.size]).toEqual([false, 3, 1]);
    await clock.advance(1);
    await closing;
    const errors = await Promise.all(outcomes);
    for (const error of errors) expect(error).toBeInstanceOf(PoolClosedError);
    expect(errors.map((error) => (error as Error).message)).toEqual([
      ...tasks.map(() => 'still running when the pool was closed'),
      'the pool is closed',
    ]);
    for (const task of tasks) {
      expect(task.ctx?.cause).toBeInstanceOf(PoolClosedError);
      expect(task.ctx?.cause).toMatchObject({ policy: 'p' });
    }
    expect(caller.done).toBe(false);
    expect([pool.active, pool.size, clock.pending]).toEqual([0, 0, 0]);
    expect(pool.stats()).toMatchObject({ submitted: 4, canceled: 3, rejected: 1 });
    await pool.idle();
    for (const task of tasks) task.end('late');
    await turns();
    expect(pool.stats()).toMatchObject({ completed: 0, active: 0 });
  });

  it('of 0 ms waits for nobody', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const task = held();
    const outcomes = [rejection(pool.run(task.run)), rejection(pool.run(() => 1))];
    const closing = pool.close({ timeoutMs: 0 });
    await clock.advance(0);
    await closing;
    for (const error of await Promise.all(outcomes)) expect(error).toBeInstanceOf(PoolClosedError);
    task.end('');
  });

  it.each([{}, { drain: false }, { timeoutMs: 0 }])(
    'refuses all that comes later, each with an error of its own: %p',
    async (options) => {
      const clock = new VirtualClock();
      const pool = new TaskPool({ name: 'p', concurrency: 1, clock });
      const task = held();
      const outcome = pool.run(task.run).catch(() => undefined);
      const closing = pool.close(options);
      const errors = [await rejection(pool.run(() => 1))];
      await clock.advance(0);
      task.end('');
      await Promise.all([outcome, closing]);
      errors.push(await rejection(pool.run(() => 1)), await rejection(pool.tryRun(() => 1)));
      expect(new Set(errors).size).toBe(3);
      for (const error of errors) {
        expect(error).toBeInstanceOf(PoolClosedError);
        expect(error).toMatchObject({ policy: 'p', message: 'the pool is closed' });
      }
    },
  );

  it('in time leaves no timer', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const task = held();
    const outcome = pool.run(task.run);
    const closing = pool.close({ timeoutMs: 1_000 });
    task.end('done');
    await closing;
    await outcome;
    expect(clock.pending).toBe(0);
  });

  it('ends the contexts of tasks that have ended, too', async () => {
    const pool = new TaskPool({ name: 'p', concurrency: 1 });
    const ctx = await pool.run((own) => own);
    await pool.close();
    expect(ctx.cause).toBeInstanceOf(PoolClosedError);
    expect(ctx.cause).toMatchObject({ policy: 'p' });
  });

  it('does not wait for an operation that outlives its task', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const controller = new AbortController();
    const outcome = pool.run(task.run, { signal: controller.signal });
    await turns();
    controller.abort('gone');
    await expect(outcome).rejects.toBe('gone');
    await pool.close();
    expect(task.ctx?.done).toBe(true);
    task.end('');
  });

  it('called again by who hears of it is the same', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    swallow(pool.run(task.run));
    swallow(pool.run(() => 1));
    await turns();
    let again: Promise<void> | undefined;
    const closeAgain = (): void => {
      again ??= pool.close();
    };
    subscribe('patterns:pool:rejected', closeAgain);
    const closing = pool.close({ drain: false });
    unsubscribe('patterns:pool:rejected', closeAgain);
    expect(again).toBe(closing);
    task.end('');
    await closing;
  });

  it('is what disposing does', async () => {
    const outcomes: Promise<number>[] = [];
    {
      await using pool = new TaskPool({ concurrency: 1 });
      for (const n of [1, 2, 3]) outcomes.push(pool.run(() => Promise.resolve(n)));
    }
    expect(await Promise.all(outcomes)).toEqual([1, 2, 3]);
  });

  it('rejects wrong options, and has not begun then', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    expect(await rejection(pool.close({ timeoutMs: -1 }))).toBeInstanceOf(RangeError);
    expect(await rejection(pool.close({ drain: 1 as never }))).toBeInstanceOf(TypeError);
    await expect(pool.run(() => 1)).resolves.toBe(1);
  });

  it('ends waits for idleness and for a place', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const task = held();
    swallow(pool.run(task.run));
    swallow(pool.run(() => 1));
    const waits = Promise.all([pool.whenBelow(1), pool.idle()]);
    const closing = pool.close({ timeoutMs: 5 });
    await clock.advance(5);
    await Promise.all([closing, waits]);
    task.end('');
  });
});

describe('the signal of the pool', () => {
  it('ends it: what waits and what comes rejects with its reason, the contexts of what runs end with it', async () => {
    const controller = new AbortController();
    const pool = new TaskPool({ concurrency: 3, signal: controller.signal });
    using caller = withCancel();
    const tasks = [held(), held(), held()] as const;
    const outcomes = [
      rejection(pool.run(tasks[0].run)),
      rejection(pool.run(tasks[1].run, { signal: caller })),
      rejection(pool.run(tasks[2].run, { timeoutMs: 10_000 })),
      rejection(pool.run(() => 1)),
    ];
    await turns();
    const reason = new Error('shutting down');
    controller.abort(reason);
    outcomes.push(rejection(pool.run(() => 1)), rejection(pool.tryRun(() => 1)));
    for (const error of await Promise.all(outcomes)) expect(error).toBe(reason);
    for (const task of tasks) expect(task.ctx?.cause).toBe(reason);
    expect(caller.done).toBe(false);
    expect(pool.stats()).toMatchObject({ closed: true, canceled: 3, rejected: 3, active: 3 });
    await pool.close();
    for (const task of tasks) task.end('');
    await pool.idle();
  });

  it('ends the contexts of tasks of go and of groups with signals of their own', async () => {
    const controller = new AbortController();
    const pool = new TaskPool({ concurrency: 2, signal: controller.signal });
    const own = { signal: new AbortController().signal };
    const tasks = [held(), held()] as const;
    const group = pool.group();
    pool.go(tasks[0].run, own);
    group.go(tasks[1].run, own);
    await turns();
    controller.abort('gone');
    expect(tasks.map((task) => task.ctx?.cause)).toEqual(['gone', 'gone']);
    for (const task of tasks) task.end('');
    expect(await rejection(pool.wait())).toBe('gone');
    expect(await rejection(group.wait())).toBe('gone');
  });

  it('ends all that run, whichever have ended before', async () => {
    for (const first of [0, 1, 2]) {
      const controller = new AbortController();
      const pool = new TaskPool({ concurrency: 3, signal: controller.signal });
      const tasks = [held(), held(), held()];
      const outcomes = tasks.map((task) => pool.run(task.run).catch((error: unknown) => error));
      tasks[first]?.end('done');
      await turns();
      controller.abort('gone');
      expect(await Promise.all(outcomes)).toEqual([0, 1, 2].map((n) => (n === first ? 'done' : 'gone')));
      for (const task of tasks) task.end('');
      await pool.idle();
      expect(pool.stats()).toMatchObject({ completed: 1, canceled: 2, active: 0 });
    }
  });

  it('that ends between the slot and the start prevents the start', async () => {
    const ctx = withCancel();
    const pool = new TaskPool({ concurrency: 1, signal: ctx });
    const operation = jest.fn();
    const outcome = rejection(pool.run(operation));
    ctx.cancel('gone');
    expect(await outcome).toBe('gone');
    expect(operation).not.toHaveBeenCalled();
    expect(pool.stats()).toMatchObject({ rejected: 1, canceled: 0, active: 0 });
  });

  it('that has ended before makes a pool that takes nothing', async () => {
    const pool = new TaskPool({ concurrency: 1, signal: AbortSignal.abort('gone') });
    await expect(pool.run(() => 1)).rejects.toBe('gone');
    expect(pool.stats().closed).toBe(true);
    await pool.close();
  });

  it('ends a pool that is paused, and one that drains', async () => {
    const controller = new AbortController();
    const paused = new TaskPool({ concurrency: 1, signal: controller.signal });
    paused.pause();
    const waiting = rejection(paused.run(() => 1));
    const draining = new TaskPool({ concurrency: 1, signal: controller.signal });
    const task = held();
    const outcomes = [rejection(draining.run(task.run)), rejection(draining.run(() => 1))];
    const closing = draining.close();
    await turns();
    controller.abort('gone');
    expect(await waiting).toBe('gone');
    expect(paused.stats().paused).toBe(false);
    expect(await Promise.all(outcomes)).toEqual(['gone', 'gone']);
    await closing;
    task.end('');
    await draining.idle();
  });

  it('is left alone after close', async () => {
    const controller = new AbortController();
    const pool = new TaskPool({ concurrency: 1, signal: controller.signal });
    await pool.close();
    controller.abort('gone');
    expect(await rejection(pool.run(() => 1))).toBeInstanceOf(PoolClosedError);
  });
});
