import { Channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { withCancel, type Clock } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, type PoolDiagnostics, type TaskPoolOptions } from '@patterns/pool';
import { failOnLeaks, recordDiagnostics } from '@patterns-tools/test-kit';
import { held, rejection, swallow, turns } from './held-task.ts';

failOnLeaks();

const channels: readonly (keyof PoolDiagnostics)[] = [
  'patterns:pool:task',
  'patterns:pool:rejected',
  'patterns:pool:stalled',
  'patterns:pool:resize',
  'patterns:pool:listener-error',
];

const clock = new VirtualClock();

function make(options?: Partial<TaskPoolOptions>): TaskPool {
  return new TaskPool({ name: 'p', concurrency: 1, clock, ...options });
}

/** What is published while `run` runs, without the name of the package. */
async function published(run: () => unknown): Promise<unknown[]> {
  using recorder = recordDiagnostics<PoolDiagnostics>(channels);
  await run();
  return recorder.records.map(({ name, message }) => [name.replace('patterns:pool:', ''), message]);
}

const task = (outcome: string, rest: object = {}): unknown => [
  'task',
  { name: 'p', task: 't', outcome, waitMs: 0, runMs: 0, error: undefined, ...rest },
];
const rejected = (reason: string): unknown => ['rejected', { name: 'p', task: 't', reason }];

describe('diagnostics', () => {
  it('cost no message where nobody listens', async () => {
    const publish = jest.spyOn(Channel.prototype, 'publish');
    const pool = make({ maxQueue: 1, stallWarningMs: 100 });
    const first = held();
    const outcomes = [pool.run(first.run), pool.run(() => 1), rejection(pool.run(() => 1))];
    await clock.advance(200);
    pool.resize(2);
    first.end('');
    await Promise.all([...outcomes, pool.close()]);
    expect(pool.stats()).toMatchObject({ completed: 2, rejected: 1 });
    expect(publish).not.toHaveBeenCalled();
    publish.mockRestore();
  });

  it('tell how a task has ended, and how long it has waited and run', async () => {
    const pool = make();
    const error = new Error('no');
    const first = held();
    const messages = await published(async () => {
      const outcomes = [
        pool.run(first.run, { name: 't' }),
        rejection(
          pool.run(
            async () => {
              await clock.advance(0);
              throw error;
            },
            { name: 't' },
          ),
        ),
      ];
      await clock.advance(30);
      first.end('');
      await Promise.all(outcomes);
    });
    expect(messages).toEqual([task('completed', { runMs: 30 }), task('failed', { waitMs: 30, error })]);
  });

  it('tell of a running task that its signal, a timeout or the pool ends, when its promise settles', async () => {
    const controller = new AbortController();
    const pool = make({ concurrency: 3, signal: controller.signal });
    const own = new AbortController();
    const tasks = [held(), held(), held()] as const;
    const messages = await published(async () => {
      const outcomes = [
        rejection(pool.run(tasks[0].run, { name: 't', signal: own.signal })),
        rejection(pool.run(tasks[1].run, { name: 't', timeoutMs: 10 })),
        rejection(pool.run(tasks[2].run, { name: 't' })),
      ];
      await clock.advance(5);
      own.abort('gone');
      await clock.advance(5);
      controller.abort('over');
      await Promise.all(outcomes);
    });
    const timeout = expect.objectContaining({ code: 'ERR_TASK_TIMEOUT' }) as unknown;
    expect(messages).toEqual([
      task('canceled', { runMs: 5, error: 'gone' }),
      task('timed-out', { runMs: 10, error: timeout }),
      task('canceled', { runMs: 10, error: 'over' }),
    ]);
    expect(
      await published(async () => {
        for (const held of tasks) held.end('');
        await pool.idle();
      }),
    ).toEqual([]);
  });

  it('tell of a task that never starts, and why', async () => {
    const pool = make({ maxQueue: 1 });
    const first = held();
    const running = pool.run(first.run);
    const submit = (options?: object): Promise<unknown> => rejection(pool.run(() => 1, { name: 't', ...options }));
    const controller = new AbortController();
    const messages = await published(async () => {
      const waiting = submit({ signal: controller.signal });
      await submit();
      controller.abort();
      await waiting;
      await submit({ signal: controller.signal });
      await submit({ queueTimeoutMs: 0 });
      const late = submit({ queueTimeoutMs: 5 });
      await clock.advance(5);
      await late;
      const cleared = submit();
      pool.clear();
      await cleared;
      const closed = submit();
      const closing = pool.close({ drain: false });
      await closed;
      await submit();
      first.end('');
      await Promise.all([running, closing]);
    });
    const reasons = [
      'queue-full',
      'canceled',
      'canceled',
      'queue-timeout',
      'queue-timeout',
      'cleared',
      'closed',
      'closed',
    ];
    expect(messages.slice(0, 8)).toEqual(reasons.map(rejected));
  });

  it('tell of a pool that is ended, or closed in the end, as closed', async () => {
    const controller = new AbortController();
    const [ended, closed] = [make({ signal: controller.signal }), make()];
    const tasks = [held(), held()] as const;
    const messages = await published(async () => {
      const outcomes = [ended.run(tasks[0].run), ended.run(() => 1, { name: 't' })];
      await turns();
      controller.abort('over');
      await Promise.allSettled(outcomes);
      const others = [closed.run(tasks[1].run), closed.run(() => 1, { name: 't' })].map(rejection);
      const closing = closed.close({ timeoutMs: 5 });
      await clock.advance(5);
      await Promise.all([...others, closing]);
    });
    expect(messages.filter((message) => (message as string[])[0] === 'rejected')).toEqual([
      rejected('closed'),
      rejected('closed'),
    ]);
    for (const one of tasks) one.end('');
    await ended.idle();

    const ctx = new AbortController();
    const missing = make({ signal: ctx.signal });
    const missed = await published(async () => {
      const outcome = rejection(missing.run(() => 1, { name: 't' }));
      ctx.abort('over');
      await outcome;
    });
    expect(missed).toEqual([rejected('closed')]);
  });

  it('tell of a nested wait that shows later', async () => {
    const pool = make({ concurrency: 3 });
    const other = held();
    const messages = await published(async () => {
      const running = pool.run(other.run);
      const outer = pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, weight: 2, name: 't' })), {
        weight: 2,
      });
      await turns();
      other.end('');
      await Promise.all([running, outer]);
    });
    expect(messages).toContainEqual(rejected('nested-wait'));
  });

  it('tell of drops, of nested waits, and of tasks that miss their start', async () => {
    const pool = make({ maxQueue: 1, overflow: 'drop-oldest' });
    const controller = new AbortController();
    const messages = await published(async () => {
      await pool.run(async (ctx) => {
        const dropped = rejection(pool.run(() => 1, { name: 't' }));
        swallow(pool.run(() => 1, { name: 'survivor' }));
        await dropped;
        pool.clear();
        await rejection(pool.run(() => 1, { name: 't', signal: ctx }));
      });
      await pool.idle();
      const missed = rejection(pool.run(() => 1, { name: 't', signal: controller.signal }));
      controller.abort();
      await missed;
    });
    const told = messages.filter((message) => JSON.stringify(message).includes('"task":"t"'));
    expect(told).toEqual([rejected('dropped'), rejected('nested-wait'), rejected('canceled')]);
  });

  it('tell of resizes', async () => {
    const pool = make();
    expect(
      await published(() => {
        pool.resize(4);
      }),
    ).toEqual([['resize', { name: 'p', from: 1, to: 4 }]]);
  });

  it('cost nothing and measure nothing when nobody listens, but what stats() needs', async () => {
    const pool = make();
    await pool.run(() => 1);
    expect(await published(() => pool.run(() => 1, { name: 't' }))).toEqual([task('completed')]);
  });
});

describe('stalled', () => {
  const stalled = (stalledMs: number, queued = 1): unknown => ['stalled', { name: 'p', active: 1, queued, stalledMs }];

  it('is told when tasks wait and none has settled for stallWarningMs, once until one does', async () => {
    const pool = make({ stallWarningMs: 1_000 });
    const [first, second] = [held(), held()];
    const messages = await published(async () => {
      const outcomes = [pool.run(first.run), pool.run(second.run), pool.run(() => 1)];
      await clock.advance(999);
      await clock.advance(1);
      await clock.advance(50_000);
      swallow(pool.run(() => 1));
      await clock.advance(50_000);
      first.end('');
      await clock.advance(1_500);
      second.end('');
      await Promise.all(outcomes);
      await pool.idle();
    });
    expect(messages.filter((message) => (message as string[])[0] === 'stalled')).toEqual([
      stalled(1_000, 2),
      stalled(1_000, 2),
    ]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['is told again', 'others wait', ['stalled', 'task', 'stalled']],
    ['is not told again', 'nobody waits any more', ['stalled', 'rejected', 'task']],
  ])('%s when a task has timed out that keeps its slot, and %s', async (_, who, expected) => {
    const pool = make({ stallWarningMs: 100 });
    const deaf = held();
    const outcomes: Promise<unknown>[] = [];
    const messages = await published(async () => {
      outcomes.push(rejection(pool.run(deaf.run, { timeoutMs: 1_000 })));
      outcomes.push(pool.run(() => 1).catch((error: unknown) => error));
      await clock.advance(500);
      if (who !== 'others wait') pool.clear();
      await clock.advance(500 + 99);
      expect(clock.pending).toBe(who === 'others wait' ? 1 : 0);
      await clock.advance(5_000);
    });
    expect(messages.map((message) => (message as string[])[0])).toEqual(expected);
    if (who === 'others wait') expect(messages.at(-1)).toEqual(stalled(100));
    deaf.end('');
    await Promise.all(outcomes);
    expect(clock.pending).toBe(0);
  });

  it('is told after 30 s by default', async () => {
    const pool = make();
    const first = held();
    const outcomes: Promise<unknown>[] = [];
    const early = await published(async () => {
      outcomes.push(
        pool.run(first.run),
        pool.run(() => 1),
      );
      await clock.advance(29_999);
    });
    expect(early).toEqual([]);
    expect(await published(() => clock.advance(1))).toEqual([stalled(30_000)]);
    first.end('');
    await Promise.all(outcomes);
  });

  it('is put off by each task that settles', async () => {
    const pool = make({ stallWarningMs: 100, concurrency: 2 });
    const stuck = held();
    const messages = await published(async () => {
      swallow(pool.run(stuck.run));
      for (let n = 0; n < 5; n++) {
        const tasks = [held(), held()];
        const outcomes = tasks.map((one) => pool.run(one.run));
        await clock.advance(80);
        for (const one of tasks) one.end('');
        await Promise.all(outcomes);
      }
    });
    expect(messages.filter((message) => (message as string[])[0] === 'stalled')).toEqual([]);
    stuck.end('');
    await pool.idle();
    expect(clock.pending).toBe(0);
  });

  it('is not told while paused, with Infinity, nor when what waited has left', async () => {
    const messages = await published(async () => {
      for (const pool of [
        make({ stallWarningMs: Infinity }),
        make({ stallWarningMs: 100 }),
        make({ stallWarningMs: 100 }),
      ]) {
        const first = held();
        swallow(pool.run(first.run));
        swallow(pool.run(() => 1));
        await turns();
        if (pool.stats().concurrency === 1) pool.pause();
        await clock.advance(1_000);
        pool.clear();
        pool.resume();
        await clock.advance(1_000);
        first.end('');
        await pool.idle();
      }
    });
    expect(messages.filter((message) => (message as string[])[0] === 'stalled')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('is not told where what comes starts in the place of another one, or leaves at once', async () => {
    const [first, second] = [held(), held()];
    const messages = await published(async () => {
      const pool = make({ concurrency: 2, maxQueue: 1, overflow: 'drop-oldest', stallWarningMs: 100 });
      swallow(pool.run(first.run));
      swallow(pool.run(() => 1, { weight: 2 }));
      await turns();
      swallow(pool.run(second.run));
      await turns();
      expect([pool.active, pool.size]).toEqual([2, 0]);
      expect(clock.pending).toBe(0);
      // Its time is less than what the clock can tell.
      swallow(pool.run(() => 1, { queueTimeoutMs: Number.MIN_VALUE }));
      expect(pool.size).toBe(0);
      await clock.advance(1_000);
      for (const task of [first, second]) task.end('');
      await pool.idle();
    });
    expect(messages.filter((message) => (message as string[])[0] === 'stalled')).toEqual([]);
  });

  it('is not told of what comes to a pool that is paused', async () => {
    const pool = make({ stallWarningMs: 100 });
    const messages = await published(async () => {
      pool.pause();
      swallow(pool.run(() => 1));
      await clock.advance(1_000);
      pool.resume();
      await pool.idle();
    });
    expect(messages.map((message) => (message as string[])[0])).toEqual(['task']);
    expect(clock.pending).toBe(0);
  });

  it('is told so long after the last task that has settled, though others wait all the time', async () => {
    const pool = make({ stallWarningMs: 100 });
    const [first, second] = [held(), held()];
    const outcomes: Promise<unknown>[] = [];
    const told = (messages: unknown[]): unknown[] => messages.filter((one) => (one as string[])[0] === 'stalled');
    const early = await published(async () => {
      outcomes.push(
        pool.run(first.run),
        pool.run(second.run),
        pool.run(() => 1),
      );
      await clock.advance(80);
      first.end('');
      await clock.advance(99);
    });
    expect(told(early)).toEqual([]);
    second.end('');
    await Promise.all(outcomes);
    const [third, fourth] = [held(), held()];
    const messages = await published(async () => {
      const others = [pool.run(third.run), pool.run(fourth.run), pool.run(() => 1)];
      await clock.advance(80);
      third.end('');
      await clock.advance(100);
      fourth.end('');
      await Promise.all(others);
    });
    expect(told(messages)).toEqual([stalled(100)]);
  });

  it('has a timer that does not hold the process, and none with Infinity', async () => {
    const armed: unknown[] = [];
    const watched: Clock = {
      now: () => clock.now(),
      setTimeout: (callback, ms, options) => {
        armed.push([ms, options]);
        return clock.setTimeout(callback, ms, options);
      },
    };
    await published(async () => {
      for (const stallWarningMs of [100, Infinity]) {
        const pool = make({ stallWarningMs, clock: watched });
        const first = held();
        const outcomes = [pool.run(first.run), pool.run(() => 1)];
        await turns();
        first.end('');
        await Promise.all(outcomes);
      }
    });
    expect(armed).toEqual([[100, { ref: false }]]);
  });

  it('arms no timer while nobody listens', async () => {
    const pool = make();
    const first = held();
    const outcomes = [pool.run(first.run), pool.run(() => 1)];
    await turns();
    expect(clock.pending).toBe(0);
    first.end('');
    await Promise.all(outcomes);
  });
});

describe('running', () => {
  it('tells what has a slot, how long, and what goes on though its promise has settled', async () => {
    const pool = make({ concurrency: 3, maxQueue: Infinity });
    const [first, deaf, last] = [held(), held(), held()];
    const outcomes = [pool.run(first.run, { name: 'first', weight: 2 })];
    const timedOut = rejection(pool.run(deaf.run, { name: 'deaf', timeoutMs: 30 }));
    outcomes.push(pool.run(last.run, { key: 'acme', priority: 1, weight: 2 }));
    const plain = { name: undefined, key: undefined, priority: 0, weight: 1, waitMs: 0, runMs: 0, settled: false };
    // They have their slots, and begin in a microtask.
    expect(pool.running()).toEqual([
      { ...plain, name: 'first', weight: 2 },
      { ...plain, name: 'deaf' },
    ]);
    await clock.advance(40);
    await timedOut;
    first.end('');
    await clock.advance(5);
    expect(pool.running()).toEqual(
      expect.arrayContaining([
        { ...plain, name: 'deaf', runMs: 45, settled: true },
        { ...plain, key: 'acme', priority: 1, weight: 2, waitMs: 40, runMs: 5 },
      ]),
    );
    expect(pool.running()).toHaveLength(pool.active);
    for (const task of [deaf, last]) task.end('');
    await Promise.all(outcomes);
    expect(pool.running()).toEqual([]);
  });

  it('never measures less than nothing, though the clock steps back', async () => {
    let now = 1_000;
    const pool = new TaskPool({
      concurrency: 1,
      clock: { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) },
    });
    const task = held();
    const outcome = pool.run(task.run);
    await turns();
    now = 0;
    expect(pool.running()).toMatchObject([{ waitMs: 0, runMs: 0 }]);
    task.end('');
    await outcome;
  });
});

describe('whoever is told', () => {
  const sums = (pool: TaskPool): number => {
    const { submitted, completed, failed, rejected, canceled, queued } = pool.stats();
    const unsettled = pool.running().filter(({ settled }) => !settled).length;
    return submitted - completed - failed - rejected - canceled - queued - unsettled;
  };

  it.each<[string, (pool: TaskPool) => unknown]>([
    ['clear', (pool) => pool.clear()],
    ['close', (pool) => pool.close({ drain: false })],
    ['a task that takes the place of another', (pool) => void pool.run(() => 1).catch(() => undefined)],
    [
      'resize',
      (pool) => {
        pool.resize(3);
      },
    ],
  ])('finds the change complete: %s', async (what, change) => {
    const pool = make({ maxQueue: 3, overflow: what.startsWith('a task') ? 'drop-oldest' : 'reject' });
    const first = held();
    swallow(pool.run(first.run));
    for (let n = 0; n < 3; n++) swallow(pool.run(() => n));
    const seen: unknown[] = [];
    const look = (): void => {
      seen.push([sums(pool), pool.active, pool.size]);
    };
    await turns();
    const told = ['patterns:pool:rejected', 'patterns:pool:resize'];
    for (const name of told) subscribe(name, look);
    try {
      await Promise.race([change(pool), turns()]);
    } finally {
      for (const name of told) unsubscribe(name, look);
    }
    const after = what === 'resize' ? [0, 3, 1] : [0, 1, what.startsWith('a task') ? 3 : 0];
    expect(seen).toEqual(Array(what === 'clear' || what === 'close' ? 3 : 1).fill(after));
    first.end('');
    await pool.idle();
  });

  it('finds a task that has missed its start settled', async () => {
    const pool = make();
    const ctx = withCancel();
    const outcome = rejection(pool.run(() => 1, { signal: ctx }));
    ctx.cancel('gone');
    const seen: number[] = [];
    const look = (): void => void seen.push(sums(pool));
    subscribe('patterns:pool:rejected', look);
    expect(await outcome).toBe('gone');
    unsubscribe('patterns:pool:rejected', look);
    expect(seen).toEqual([0]);
  });
});

describe('stats', () => {
  it('count everything, in numbers that add up', async () => {
    const pool = make({ maxQueue: 3 });
    const first = held();
    const outcomes: Promise<unknown>[] = [rejection(pool.run(first.run))];
    for (let n = 0; n < 5; n++) outcomes.push(pool.run(() => n).catch(() => undefined));
    await clock.advance(40);
    expect(pool.stats()).toMatchObject({
      concurrency: 1,
      active: 1,
      queued: 3,
      paused: false,
      closed: false,
      submitted: 6,
      completed: 0,
      failed: 0,
      rejected: 2,
      canceled: 0,
    });
    first.fail(new Error('no'));
    await Promise.all(outcomes);
    const { submitted, completed, failed, rejected: refused, waitMs, runMs } = pool.stats();
    expect([submitted, completed, failed, refused]).toEqual([6, 3, 1, 2]);
    expect(waitMs).toMatchObject({ count: 4, mean: 30, max: 40 });
    expect(runMs).toMatchObject({ count: 4, mean: 10, max: 40 });
  });

  it('never measure less than nothing, though the clock steps back', async () => {
    let now = 1_000;
    const pool = new TaskPool({
      concurrency: 1,
      clock: { now: () => (now -= 10), setTimeout: clock.setTimeout.bind(clock) },
    });
    await Promise.all([pool.run(() => Promise.resolve()), pool.run(() => Promise.resolve())]);
    expect(pool.stats()).toMatchObject({ waitMs: { max: 0 }, runMs: { max: 0 } });
  });
});
