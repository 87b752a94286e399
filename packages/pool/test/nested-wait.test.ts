import { withCancel, withTimeout, type Context } from '@patterns/context';
import { NestedWaitError, TaskPool } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, turns } from './held-task.ts';

failOnLeaks();

describe('a task that submits to its own full pool with its own context', () => {
  it('is refused where it is the only one', async () => {
    const pool = new TaskPool({ name: 'p', concurrency: 1 });
    const error = await pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, name: 'inner' })), {
      name: 'outer',
    });
    expect(error).toBeInstanceOf(NestedWaitError);
    expect(error).toMatchObject({
      code: 'ERR_NESTED_WAIT',
      waiting: 'outer',
      task: 'inner',
      policy: 'p',
      message: "task 'outer' would wait for task 'inner', which could never start",
    });
    expect((error as Error).stack).toContain('nested-wait.test');
    expect(pool.stats()).toMatchObject({ completed: 1, rejected: 1 });
  });

  it('is refused with a context derived from its own, too', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const derived: ((ctx: Context) => Context)[] = [
      (ctx) => withCancel(ctx),
      (ctx) => withTimeout(withCancel(ctx), 1_000),
    ];
    for (const derive of derived) {
      const error = await pool.run((ctx) => rejection(pool.run(() => 1, { signal: derive(ctx) })), {
        signal: new AbortController().signal,
      });
      expect(error).toMatchObject({ code: 'ERR_NESTED_WAIT', waiting: undefined });
    }
    const timed = await pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx })), { timeoutMs: 60_000 });
    expect(timed).toBeInstanceOf(NestedWaitError);
  });

  it('waits while another task runs that does not wait like that', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const other = held();
    const running = pool.run(other.run);
    const outer = pool.run((ctx) => pool.run(() => 'inner', { signal: ctx }));
    await turns();
    expect([pool.active, pool.size]).toEqual([2, 1]);
    // Whatever changes meanwhile.
    pool.resize(2);
    pool.pause();
    pool.resume();
    expect(pool.size).toBe(1);
    other.end('');
    await expect(outer).resolves.toBe('inner');
    await running;
  });

  it('starts where it comes to be the head and fits, though another waits that is too heavy', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const outer = pool.run(
      (ctx) => {
        pool.go(() => 'heavy', { weight: 2 });
        return pool.run(() => 'inner', { signal: ctx, priority: 1 });
      },
      { weight: 2 },
    );
    await expect(outer).resolves.toBe('inner');
    await pool.wait();
    expect(pool.stats()).toMatchObject({ completed: 3, rejected: 0 });
  });

  it('is refused once every other waits like that', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const gate = held();
    const outer = (): Promise<string> =>
      pool.run(async (ctx) => {
        await gate.run(ctx);
        return pool.run(() => 'inner', { signal: ctx });
      });
    const outcomes = [outer(), outer()];
    await turns();
    gate.end('');
    const settled = await Promise.allSettled(outcomes);
    // The second is refused, so that it ends and the first can go on.
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(settled[1]).toMatchObject({ reason: { code: 'ERR_NESTED_WAIT' } });
  });

  it('counts one that waits for a running task as waiting', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const error = await pool.run((outer) =>
      pool.run((inner) => rejection(pool.run(() => 1, { signal: inner })), { signal: outer }),
    );
    expect(error).toBeInstanceOf(NestedWaitError);
    expect([pool.active, pool.size]).toEqual([0, 0]);
  });

  it('no longer counts one whose inner task has settled', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const gate = held();
    const first = pool.run(async (ctx) => {
      await pool.run(() => 1, { signal: ctx });
      return gate.run(ctx);
    });
    await turns();
    const second = pool.run((ctx) => pool.run(() => 'inner', { signal: ctx }));
    await turns();
    expect(pool.size).toBe(1);
    gate.end('');
    await expect(second).resolves.toBe('inner');
    await first;
  });

  it('no longer counts one that gave up the inner task', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const other = held();
    const running = pool.run(other.run);
    const gate = held();
    const first = pool.run(async (ctx) => {
      const child = withCancel(ctx);
      const inner = rejection(pool.run(() => 1, { signal: child }));
      child.cancel('given up');
      await inner;
      return gate.run(ctx);
    });
    await turns();
    other.end('');
    await running;
    const second = pool.run((ctx) => pool.run(() => 'inner', { signal: ctx }));
    await turns();
    expect([pool.active, pool.size]).toEqual([2, 1]);
    gate.end('');
    await expect(second).resolves.toBe('inner');
    await first;
  });

  it('is refused later, when the last task has ended that does not wait like that', async () => {
    const pool = new TaskPool({ name: 'p', concurrency: 3 });
    const other = held();
    const running = pool.run(other.run);
    const outer = pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, weight: 2, name: 'inner' })), {
      weight: 2,
      name: 'outer',
    });
    await turns();
    expect([pool.active, pool.size]).toEqual([2, 1]);
    other.end('');
    await running;
    const error = await outer;
    expect(error).toBeInstanceOf(NestedWaitError);
    expect(error).toMatchObject({ waiting: 'outer', task: 'inner', policy: 'p' });
  });

  it('is refused later, and not what came after it: that starts where it fits', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const [other, gate, light] = [held(), held(), held()];
    const running = pool.run(other.run);
    const outer = pool.run(
      async (ctx) => {
        const error = await rejection(pool.run(() => 1, { signal: ctx, weight: 2 }));
        await gate.run(ctx);
        return error;
      },
      { weight: 2 },
    );
    await turns();
    const behind = pool.run(light.run, { signal: new AbortController().signal });
    other.end('');
    await running;
    await turns();
    expect([light.isStarted, pool.active]).toEqual([true, 2]);
    light.end('light');
    gate.end('');
    await expect(behind).resolves.toBe('light');
    expect(await outer).toBeInstanceOf(NestedWaitError);
  });

  it('is refused later, also when a younger one has left before', async () => {
    const pool = new TaskPool({ concurrency: 4 });
    const [other, last] = [held(), held()];
    const running = pool.run(last.run);
    const outer = pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, weight: 3, name: 'inner' })), {
      weight: 2,
    });
    const leaving = pool.run(async (ctx) => {
      const child = withCancel(ctx);
      const inner = rejection(pool.run(() => 1, { signal: child }));
      child.cancel('given up');
      await other.run(ctx);
      return inner;
    });
    await turns();
    expect([pool.active, pool.size]).toEqual([3, 1]);
    other.end('');
    await expect(leaving).resolves.toBe('given up');
    last.end('');
    await running;
    expect(await outer).toMatchObject({ code: 'ERR_NESTED_WAIT', task: 'inner' });
    expect([pool.active, pool.size]).toEqual([0, 0]);
  });

  it('is refused later, but not one whose submitter has ended without waiting for it', async () => {
    const pool = new TaskPool({ concurrency: 5 });
    const [other, last] = [held(), held()];
    const running = pool.run(last.run);
    const outer = pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, weight: 3, name: 'inner' })), {
      weight: 3,
    });
    let left: Promise<string> | undefined;
    const leaving = pool.run(async (ctx) => {
      await other.run(ctx);
      left = pool.run(() => 'left', { signal: ctx });
    });
    await turns();
    other.end('');
    await leaving;
    expect(pool.size).toBe(2);
    last.end('');
    await running;
    expect(await outer).toMatchObject({ code: 'ERR_NESTED_WAIT', task: 'inner' });
    await expect(left).resolves.toBe('left');
  });

  it('waits beside another of the same task', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const other = held();
    const running = pool.run(other.run);
    const outer = pool.run((ctx) => Promise.all(['a', 'b'].map((name) => pool.run(() => name, { signal: ctx }))));
    await turns();
    expect([pool.active, pool.size]).toEqual([2, 2]);
    other.end('');
    await expect(outer).resolves.toEqual(['a', 'b']);
    await running;
  });

  it('waits where it is submitted by a task that its caller runs, whose end frees no slot', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 1, overflow: 'caller-runs', serializeKeys: true });
    const [first, gate, keyGate, holder] = [held(), held(), held(), held()];
    const controller = new AbortController();
    const running = pool.run(first.run);
    const leaving = rejection(pool.run(() => 1, { signal: controller.signal }));
    const outer = pool.run(async (ctx) => {
      await gate.run(ctx);
      await pool.run(() => 1, { signal: ctx });
      await keyGate.run(ctx);
      return pool.run(() => 'inner', { signal: ctx, key: 'k' });
    });
    const keyed = pool.run(holder.run, { key: 'k' });
    await turns();
    controller.abort('gone');
    await leaving;
    expect([pool.active, pool.size]).toEqual([3, 0]);
    gate.end('');
    await turns();
    expect(pool.size).toBe(1);
    first.end('');
    keyGate.end('');
    await turns();
    // Nothing has a slot, and a key is missing.
    expect([pool.active, pool.size]).toEqual([2, 1]);
    pool.resize(2);
    expect(pool.size).toBe(1);
    holder.end('');
    await expect(outer).resolves.toBe('inner');
    await Promise.all([running, keyed]);
  });

  it('is refused through tasks that callers run', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 1, overflow: 'caller-runs' });
    const gate = held();
    const outer = pool.run((ctx) =>
      pool.run(
        (between) =>
          pool.run(
            async (inner) => {
              await gate.run(inner);
              return rejection(pool.run(() => 1, { signal: inner, name: 'innermost' }));
            },
            { signal: between, name: 'inner' },
          ),
        { signal: ctx },
      ),
    );
    const filling = new AbortController();
    const left = rejection(pool.run(() => 1, { signal: filling.signal }));
    await turns();
    expect([pool.active, pool.size]).toEqual([3, 1]);
    filling.abort('gone');
    await left;
    gate.end('');
    expect(await outer).toMatchObject({ code: 'ERR_NESTED_WAIT', waiting: 'inner', task: 'innermost' });
    expect([pool.active, pool.size]).toEqual([0, 0]);
  });

  it('waits while a task that its caller runs, and that another waits for, does not', async () => {
    const pool = new TaskPool({ concurrency: 2, maxQueue: 1, overflow: 'caller-runs' });
    const [work, gate] = [held(), held()];
    const outer = pool.run((ctx) => pool.run(work.run, { signal: ctx }));
    const other = pool.run(async (ctx) => {
      await gate.run(ctx);
      return pool.run(() => 'inner', { signal: ctx });
    });
    const filling = new AbortController();
    const left = rejection(pool.run(() => 1, { signal: filling.signal }));
    await turns();
    filling.abort('gone');
    await left;
    gate.end('');
    await turns();
    expect([pool.active, pool.size]).toEqual([3, 1]);
    work.end('work');
    expect(await Promise.all([outer, other])).toEqual(['work', 'inner']);
  });

  it('is refused later, when the task has ended that a caller runs and another waits for', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 1, overflow: 'caller-runs' });
    const [work, gate] = [held(), held()];
    const filling = new AbortController();
    const outer = pool.run(async (ctx) => {
      const left = rejection(pool.run(() => 1, { signal: filling.signal }));
      const working = pool.run(work.run, { signal: ctx });
      filling.abort('gone');
      await Promise.all([left, gate.run(ctx)]);
      const error = rejection(pool.run(() => 1, { signal: ctx }));
      return [await working, await error];
    });
    gate.end('');
    await turns();
    expect([pool.active, pool.size]).toEqual([2, 1]);
    work.end('work');
    expect(await outer).toEqual(['work', expect.any(NestedWaitError)]);
  });

  it('is refused though a task runs on that its caller runs: nobody waits for it any more', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 1, overflow: 'caller-runs' });
    const deaf = held();
    const filling = new AbortController();
    const error = await pool.run(async (ctx) => {
      const left = rejection(pool.run(() => 1, { signal: filling.signal }));
      const child = withCancel(ctx);
      const givenUp = rejection(pool.run(deaf.run, { signal: child }));
      await turns();
      filling.abort('gone');
      child.cancel('given up');
      await Promise.all([left, givenUp]);
      expect([pool.active, pool.size]).toEqual([2, 0]);
      return rejection(pool.run(() => 1, { signal: ctx }));
    });
    expect(error).toBeInstanceOf(NestedWaitError);
    deaf.end('');
    await pool.idle();
  });

  it('waits as others do under the context of a task that has ended', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const ctx = await pool.run((own) => own);
    const task = held();
    const running = pool.run(task.run);
    const outcome = pool.run(() => 1, { signal: ctx });
    expect(pool.size).toBe(1);
    task.end('');
    await expect(outcome).resolves.toBe(1);
    await running;
  });

  it('is recognised through another pool in between', async () => {
    const [pool, other] = [new TaskPool({ concurrency: 1 }), new TaskPool({ concurrency: 1 })];
    const error = await pool.run((ctx) =>
      other.run((between) => rejection(pool.run(() => 1, { signal: between })), { signal: ctx }),
    );
    expect(error).toBeInstanceOf(NestedWaitError);
  });

  it('is refused where it is too heavy, or behind one that is', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const heavy = await pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, weight: 2 })), { weight: 2 });
    expect(heavy).toBeInstanceOf(NestedWaitError);
    let behind: unknown;
    const outer = pool.run(async (ctx) => {
      await turns();
      behind = await rejection(pool.run(() => 1, { signal: ctx }));
    });
    await pool.run(() => 1, { weight: 3 });
    await outer;
    expect(behind).toBeInstanceOf(NestedWaitError);
  });

  it('is refused by map and by groups in it', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const error = await pool.run((ctx) => rejection(pool.map([1], (n) => n, { signal: ctx }).next()));
    expect(error).toBeInstanceOf(NestedWaitError);
    const groups = await pool.run((ctx) => {
      const group = pool.group({ signal: ctx });
      group.go(() => 1);
      return rejection(group.wait());
    });
    expect(groups).toBeInstanceOf(NestedWaitError);
  });

  it('is not refused by go, which does not wait', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const operation = jest.fn();
    const gate = held();
    const outer = pool.run(
      (ctx) => {
        pool.go(operation, { signal: ctx });
        return gate.run(ctx);
      },
      { signal: withCancel() },
    );
    await turns();
    expect(pool.size).toBe(1);
    gate.end('');
    await outer;
    // Its context has ended with the task that submitted it.
    await expect(pool.wait()).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await pool.run((ctx) => {
      pool.go(operation, { signal: ctx });
    });
    await pool.wait();
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('may be refused for a full queue first, where it would not have waited', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 0 });
    const error = await pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx })));
    expect(error).toMatchObject({ code: 'ERR_POOL_FULL' });
  });

  it.each(['wait', 'drop-oldest'] as const)('is refused where it would wait, with overflow: %s', async (overflow) => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 1, overflow });
    const waiting: Promise<unknown>[] = [];
    const error = await pool.run((ctx) => {
      waiting.push(pool.run(() => 'first'));
      return rejection(pool.run(() => 1, { signal: ctx }));
    });
    expect(error).toBeInstanceOf(NestedWaitError);
    expect(await Promise.all(waiting)).toEqual(['first']);
  });

  it('runs where callers do', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 0, overflow: 'caller-runs' });
    const resize = (): string => {
      pool.resize(1);
      return 'inner';
    };
    await expect(pool.run((ctx) => pool.run(resize, { signal: ctx }))).resolves.toBe('inner');
  });

  it('waits in a pool that is paused, where there is room', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const outcome = pool.run((ctx) => {
      pool.pause();
      return pool.run(() => 'inner', { signal: ctx });
    });
    await turns();
    expect(pool.size).toBe(1);
    pool.resume();
    await expect(outcome).resolves.toBe('inner');
    const full = await pool.run((ctx) => {
      pool.pause();
      return rejection(pool.run(() => 1, { signal: ctx, weight: 2 }));
    });
    expect(full).toBeInstanceOf(NestedWaitError);
    pool.resume();
  });
});

describe('serializeKeys', () => {
  it('refuses a task that submits to its own key, though slots are free', async () => {
    const pool = new TaskPool({ concurrency: 9, serializeKeys: true });
    const other = held();
    const running = pool.run(other.run);
    const error = await pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, key: 'k', name: 'inner' })), {
      key: 'k',
      name: 'outer',
    });
    other.end('');
    await running;
    expect(error).toMatchObject({ code: 'ERR_NESTED_WAIT', waiting: 'outer', task: 'inner' });
  });

  it('refuses it over tasks in between, too', async () => {
    const pool = new TaskPool({ concurrency: 9, serializeKeys: true });
    const error = await pool.run(
      (outer) =>
        pool.run((ctx) => rejection(pool.run(() => 1, { signal: ctx, key: 'k' })), { signal: outer, key: 'other' }),
      { key: 'k' },
    );
    expect(error).toBeInstanceOf(NestedWaitError);
  });

  it('refuses it over a task that its caller runs', async () => {
    const pool = new TaskPool({ concurrency: 2, maxQueue: 1, overflow: 'caller-runs', serializeKeys: true });
    const [other, gate] = [held(), held()];
    const running = pool.run(other.run);
    const outer = pool.run(
      (ctx) =>
        pool.run(
          async (inner) => {
            await gate.run(inner);
            return rejection(pool.run(() => 1, { signal: inner, key: 'k' }));
          },
          { signal: ctx },
        ),
      { key: 'k' },
    );
    const filling = new AbortController();
    const left = rejection(pool.run(() => 1, { signal: filling.signal }));
    await turns();
    filling.abort('gone');
    await left;
    gate.end('');
    expect(await outer).toBeInstanceOf(NestedWaitError);
    other.end('');
    await running;
  });

  it('lets a map start its items where all that fills the queue waits for the key of who has called it', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 1, overflow: 'caller-runs', serializeKeys: true });
    const [first, second, gate] = [held(), held(), held()];
    const outcomes: Promise<unknown>[] = [pool.run(first.run), pool.run(second.run)];
    await turns();
    outcomes.push(
      pool.run(
        async (ctx) => {
          await gate.run(ctx);
          return pool.map([1], (item) => item, { signal: ctx }).toArray();
        },
        { key: 'a' },
      ),
    );
    await turns();
    first.end('');
    await turns();
    outcomes.push(pool.run(() => 2, { key: 'a' }));
    await turns();
    gate.end('');
    await turns();
    second.end('');
    expect(await Promise.all(outcomes)).toEqual(['', '', [1], 2]);
  });

  it('lets one wait for a key that somebody else has', async () => {
    const pool = new TaskPool({ concurrency: 9, serializeKeys: true });
    const task = held();
    const running = pool.run(task.run, { key: 'k' });
    const outcome = pool.run((ctx) => pool.run(() => 'inner', { signal: ctx, key: 'k' }), { key: 'other' });
    await turns();
    expect(pool.size).toBe(1);
    task.end('');
    await expect(outcome).resolves.toBe('inner');
    await running;
  });
});
