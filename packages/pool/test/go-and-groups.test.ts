import { getEventListeners, once } from 'node:events';
import { CanceledError, sleep, withCancel, withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { JoinedError } from '@patterns/errors';
import { TaskPool } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, turns } from './held-task.ts';

failOnLeaks();

const fail = (error: unknown) => (): Promise<never> =>
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- anything can be thrown
  Promise.reject(error);

describe('go and wait', () => {
  it('waits until all tasks have ended', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    await pool.wait();
    const tasks = [held(), held()];
    for (const task of tasks) pool.go(task.run, { priority: 1 });
    let isOver = false;
    const waiting = pool.wait().then(() => {
      isOver = true;
    });
    tasks[0]?.end('');
    await turns();
    expect(isOver).toBe(false);
    tasks[1]?.end('');
    await waiting;
    await pool.wait();
  });

  it('throws the only error as it is, once', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    for (const error of [new Error('no'), undefined]) {
      pool.go(fail(error));
      pool.go(() => 1);
      expect(await rejection(pool.wait())).toBe(error);
      await pool.wait();
    }
  });

  it('joins several, in time, at most 100 of them', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const [one, other] = [new Error('one'), new Error('other')];
    pool.go(fail(one));
    pool.go(fail(other));
    const error = await rejection(pool.wait());
    expect(error).toBeInstanceOf(JoinedError);
    expect((error as JoinedError).errors).toEqual([one, other]);
    for (let n = 0; n < 150; n++) pool.go(fail(new Error(String(n))));
    expect(((await rejection(pool.wait())) as JoinedError).errors).toHaveLength(100);
  });

  it('gives the errors to all who wait, and keeps them while nobody does', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const error = new Error('no');
    pool.go(fail(error));
    const waits = [rejection(pool.wait()), rejection(pool.wait())];
    expect(await Promise.all(waits)).toEqual([error, error]);
    pool.go(fail(error));
    await pool.idle();
    expect(await rejection(pool.wait())).toBe(error);
  });

  it('tells of refusals and misuse, and throws nothing itself', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 0 });
    const task = held();
    pool.go(task.run);
    pool.go(() => 1);
    pool.go(() => 1, { weight: 9 });
    pool.go(1 as never);
    pool.go(() => 1, { signal: AbortSignal.abort('gone') });
    task.end('');
    const { errors } = (await rejection(pool.wait())) as JoinedError;
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ERR_POOL_FULL' }),
      expect.any(RangeError),
      expect.any(TypeError),
      'gone',
    ]);
  });

  it('waits for a task whose signal has ended until the operation has', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const ctx = withCancel();
    pool.go(task.run, { signal: ctx });
    await turns();
    ctx.cancel('gone');
    let isOver = false;
    const waiting = rejection(pool.wait()).then((error) => {
      isOver = true;
      return error;
    });
    await turns();
    expect(isOver).toBe(false);
    task.end('');
    expect(await waiting).toBe('gone');
  });

  it('takes a signal, which leaves the errors to the next', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    pool.go(task.run);
    const ctx = withCancel();
    const waiting = rejection(pool.wait({ signal: ctx }));
    ctx.cancel('gone');
    expect(await waiting).toBe('gone');
    expect(await rejection(pool.wait({ signal: ctx }))).toBe('gone');
    task.fail('no');
    expect(await rejection(pool.wait())).toBe('no');
  });
});

describe('a group', () => {
  it('gives results in the order of go', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const group = pool.group<string>();
    const [slow, fast] = [held(), held()];
    group.go(slow.run);
    group.go(fast.run, { weight: 2, priority: 3 });
    group.go(() => 'third', { signal: new AbortController().signal });
    await turns();
    slow.end('slow');
    await turns();
    fast.end('fast');
    expect(await group.wait()).toEqual(['slow', 'fast', 'third']);
    expect(group.context.done).toBe(true);
    expect(group.context.cause).toBeInstanceOf(CanceledError);
    expect(await group.wait()).toEqual(['slow', 'fast', 'third']);
    expect(group.errors).toEqual([]);
  });

  it('without tasks gives an empty list', async () => {
    const group = new TaskPool({ concurrency: 1 }).group();
    expect(await group.wait()).toEqual([]);
    expect(group.context.done).toBe(true);
  });

  it('cancels the rest at the first error, waits for what runs, and never starts what waits', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const group = pool.group();
    const [failing, running] = [held(), held()];
    const waiting = jest.fn();
    group.go(failing.run);
    group.go(running.run);
    group.go(waiting);
    await turns();
    const [first, second] = [new Error('first'), new Error('second')];
    failing.fail(first);
    let isOver = false;
    const outcome = rejection(group.wait()).then((error) => {
      isOver = true;
      return error;
    });
    await turns();
    expect(running.ctx?.cause).toBe(first);
    expect(group.context.cause).toBe(first);
    expect([isOver, pool.size, pool.active]).toEqual([false, 0, 1]);
    running.fail(second);
    expect(await outcome).toBe(first);
    expect(group.errors).toEqual([first, second]);
    expect(waiting).not.toHaveBeenCalled();
    expect(await rejection(group.wait())).toBe(first);
    group.go(waiting);
    expect(await rejection(group.wait())).toBe(first);
    expect([waiting.mock.calls.length, group.errors.length]).toEqual([0, 2]);
  });

  it('counts what it has canceled as canceled, whether that ran, waited or came later', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const group = pool.group();
    const [failing, running] = [held(), held()];
    for (const task of [failing, running, held(), held(), held()]) group.go(task.run);
    await turns();
    failing.fail('no');
    await turns();
    expect(pool.stats()).toMatchObject({ failed: 1, canceled: 4, active: 1, queued: 0 });
    group.go(() => 1);
    running.end('');
    expect(await rejection(group.wait())).toBe('no');
    expect(pool.stats()).toMatchObject({
      submitted: 6,
      completed: 0,
      failed: 1,
      canceled: 5,
      rejected: 0,
      waitMs: { count: 2 },
      runMs: { count: 2 },
    });
  });

  it('lists each error once for each task, also equal ones', async () => {
    const pool = new TaskPool({ concurrency: 4 });
    const group = pool.group();
    const shared = new Error('shared');
    const [first, ...others] = [held(), held(), held(), held()];
    for (const task of [first, ...others]) group.go(task.run);
    await turns();
    first.fail('first');
    await turns();
    for (const task of others) task.fail(task === others[0] ? 'text' : shared);
    expect(await rejection(group.wait())).toBe('first');
    expect(group.errors).toEqual(['first', 'text', shared, shared]);
  });

  it('does not list the cause that canceled tasks pass on', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 3, clock });
    const group = pool.group();
    const error = new Error('first');
    group.go((ctx) => sleep(1_000, { signal: ctx, clock }));
    group.go((ctx) => sleep(1_000, { signal: ctx, clock }));
    group.go(fail(error));
    expect(await rejection(group.wait())).toBe(error);
    expect(group.errors).toEqual([error]);
  });

  it.each([undefined, null, NaN])('may fail with %p, which is one error', async (error) => {
    const group = new TaskPool({ concurrency: 2 }).group();
    group.go(fail(error));
    group.go(() => sleep(60_000, { signal: group.context }));
    expect(await rejection(group.wait())).toBe(error);
    expect(group.errors).toEqual([error]);
  });

  it('of a task that times out fails with that, and waits for the operation', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const group = pool.group();
    const task = held();
    group.go(task.run, { timeoutMs: 10 });
    const outcome = rejection(group.wait());
    await clock.advance(10);
    expect(group.context.cause).toMatchObject({ code: 'ERR_TASK_TIMEOUT' });
    task.end('late');
    expect(await outcome).toBe(group.context.cause);
    expect(group.errors).toHaveLength(1);
  });

  it('ends with its signal, and then throws the reason when all have ended', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const ctx = withCancel();
    const group = pool.group({ signal: ctx });
    const task = held();
    const waiting = jest.fn();
    group.go(task.run);
    group.go(waiting);
    await turns();
    ctx.cancel('gone');
    let isOver = false;
    const outcome = rejection(group.wait()).then((error) => {
      isOver = true;
      return error;
    });
    await turns();
    expect([isOver, task.ctx?.cause]).toEqual([false, 'gone']);
    task.end('');
    expect(await outcome).toBe('gone');
    expect(group.errors).toEqual([]);
    expect(waiting).not.toHaveBeenCalled();
  });

  it('throws why it has ended, whatever its tasks make of that', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const reason = new Error('gone');
    const ctx = withCancel();
    const [ended, disposed] = [pool.group({ signal: ctx }), pool.group()];
    const cleanUp = new Error('while cleaning up');
    for (const group of [ended, disposed]) {
      group.go(({ signal }) => once(new EventTarget(), 'never', { signal }));
      group.go(
        ({ signal }) =>
          new Promise((_, reject) => {
            const leave = (): void => {
              signal.removeEventListener('abort', leave);
              reject(cleanUp);
            };
            signal.addEventListener('abort', leave);
          }),
      );
      await turns();
      if (group === ended) ctx.cancel(reason);
      else await group[Symbol.asyncDispose]();
    }
    expect(await rejection(ended.wait())).toBe(reason);
    expect(await rejection(disposed.wait())).toBeInstanceOf(CanceledError);
    expect(ended.errors).toEqual([cleanUp, expect.objectContaining({ code: 'ABORT_ERR', cause: reason })]);
  });

  it('waits for what comes until then', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const group = pool.group<number>();
    group.go(() => Promise.resolve(1));
    const outcome = group.wait();
    void pool.idle().then(() => {
      group.go(async () => {
        await turns();
        return 2;
      });
    });
    expect(await outcome).toEqual([1, 2]);
    expect(group.errors).toEqual([]);
  });

  it('ends as its signal does where the timer of that is late', async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const pool = new TaskPool({ concurrency: 1, clock });
    const first = held();
    const running = pool.run(first.run);
    const group = pool.group({ signal: withTimeout(undefined, 10, { clock, cause: 'late' }) });
    const waiting = jest.fn();
    group.go(waiting);
    await turns();
    nowMs = 20;
    group.go(waiting);
    first.end('');
    await running;
    expect(await rejection(group.wait())).toBe('late');
    expect(group.errors).toEqual([]);
    expect(group.context.err).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' });
    expect(waiting).not.toHaveBeenCalled();
  });

  it('ends when a task of it ends by its own signal', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const group = pool.group();
    const ctx = withCancel();
    const [own, other] = [held(), held()];
    group.go(own.run, { signal: ctx });
    group.go(other.run);
    await turns();
    ctx.cancel('gone');
    expect(other.ctx?.cause).toBe('gone');
    own.end('');
    other.end('');
    expect(await rejection(group.wait())).toBe('gone');
  });

  it('ends a task that has a signal of its own too, whether it runs or waits', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const group = pool.group();
    const { signal } = new AbortController();
    const [failing, running, waiting] = [held(), held(), jest.fn()];
    group.go(failing.run);
    group.go(running.run, { signal });
    group.go(waiting, { signal });
    await turns();
    failing.fail('wrong');
    await turns();
    expect(running.ctx?.cause).toBe('wrong');
    expect(pool.stats()).toMatchObject({ active: 1, queued: 0, failed: 1, canceled: 2 });
    running.end('');
    expect(await rejection(group.wait())).toBe('wrong');
    expect(waiting).not.toHaveBeenCalled();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is told of refusals and misuse', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 0 });
    const task = held();
    const outcome = pool.run(task.run);
    const full = pool.group();
    full.go(() => 1);
    expect(await rejection(full.wait())).toMatchObject({ code: 'ERR_POOL_FULL' });
    const misused = pool.group();
    misused.go(1 as never);
    expect(await rejection(misused.wait())).toBeInstanceOf(TypeError);
    task.end('');
    await outcome;
    await pool.close();
    const closed = pool.group();
    closed.go(() => 1);
    expect(await rejection(closed.wait())).toMatchObject({ code: 'ERR_POOL_CLOSED' });
    expect(() => pool.group({ signal: 5 as never })).toThrow(
      new TypeError('signal must be an AbortSignal or a Context or undefined, got 5'),
    );
  });

  it('that has been found well takes nothing more', async () => {
    const group = new TaskPool({ concurrency: 1 }).group();
    await group.wait();
    group.go(() => 1);
    expect(await rejection(group.wait())).toBeInstanceOf(CanceledError);
  });

  it('cancels and waits when disposed', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const waiting = jest.fn();
    let isOver = false;
    const using = (async () => {
      await using group = pool.group();
      group.go(task.run);
      group.go(waiting);
      await turns();
    })().then(() => {
      isOver = true;
    });
    await turns();
    await turns();
    expect(task.ctx?.done).toBe(true);
    expect([isOver, pool.size]).toEqual([false, 0]);
    task.fail(new Error('nobody asks'));
    await using;
    expect(waiting).not.toHaveBeenCalled();
  });

  it("wait's own signal leaves the group alone", async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const group = pool.group();
    const task = held();
    group.go(task.run);
    const ctx = withCancel();
    const waiting = rejection(group.wait({ signal: ctx }));
    ctx.cancel('gone');
    expect(await waiting).toBe('gone');
    expect(group.context.done).toBe(false);
    task.end('done');
    expect(await group.wait()).toEqual(['done']);
  });
});
