import type { Context } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, type TaskOptions } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, turns } from './held-task.ts';

failOnLeaks();

const failure = new Error('by hand');

/** A context that somebody has written, who knows nothing of ours. */
function handWritten(members?: object, { signal } = new AbortController()): Context {
  return {
    signal,
    deadline: undefined,
    get done() {
      return signal.aborted;
    },
    err: undefined,
    get cause() {
      return signal.reason as unknown;
    },
    remaining: () => Infinity,
    value: (key) => key.defaultValue,
    throwIfDone: () => undefined,
    ...members,
  };
}

/** Throws when that member is read, but for the first times. */
function failing(member: keyof Context, times: number): Context {
  let readings = 0;
  return new Proxy(handWritten(), {
    get(target, name) {
      if (name === member && ++readings > times) throw failure;
      return Reflect.get(target, name) as unknown;
    },
  });
}

async function isClean(pool: TaskPool): Promise<void> {
  await pool.close();
  const { submitted, completed, failed, rejected, canceled } = pool.stats();
  expect([pool.active, pool.size]).toEqual([0, 0]);
  expect(completed + failed + rejected + canceled).toBe(submitted);
}

describe('a context that is written by hand', () => {
  it('ends a task, waiting or running', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const controller = new AbortController();
    const task = held();
    const signal = handWritten({}, controller);
    const outcomes = [rejection(pool.run(task.run, { signal })), rejection(pool.run(() => 1, { signal }))];
    await turns();
    controller.abort('gone');
    expect(await Promise.all(outcomes)).toEqual(['gone', 'gone']);
    task.end('');
    await isClean(pool);
  });

  it('knows no clock: what limits a task is that of the pool', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const task = held();
    const signal = handWritten();
    const running = rejection(pool.run(task.run, { signal, timeoutMs: 100 }));
    const waiting = rejection(pool.run(() => 1, { signal, queueTimeoutMs: 50 }));
    await clock.advance(50);
    expect(await waiting).toMatchObject({ phase: 'queue' });
    await clock.advance(50);
    expect(await running).toMatchObject({ phase: 'run' });
    task.end('');
    await isClean(pool);
  });

  it('may have null for what it does not have', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const signal = handWritten({ value: () => null });
    const run = (): Promise<number> => pool.run(() => 1, { signal });
    expect(await Promise.all([run(), run()])).toEqual([1, 1]);
    await isClean(pool);
  });

  it.each([{ timeoutMs: 1_000 }, { queueTimeoutMs: 1_000 }] as const)(
    'that has a deadline on the clock of somebody else cannot have another limit on that of the pool: %p',
    async (limit) => {
      const clock = new VirtualClock();
      const pool = new TaskPool({ concurrency: 1, clock });
      const signal = handWritten({ deadline: 1e9, remaining: () => 1e9 });
      const operation = jest.fn();
      const first = held();
      const running = pool.run(first.run);
      const outcome = rejection(pool.run(operation, { signal, ...limit }));
      await turns();
      first.end('');
      expect(await outcome).toBeInstanceOf(TypeError);
      await running;
      expect([operation.mock.calls.length, clock.pending]).toEqual([0, 0]);
      await isClean(pool);
    },
  );

  describe.each(['signal', 'deadline', 'done', 'err', 'cause', 'remaining', 'value'] as const)(
    'whose %s throws, at once or later',
    (member) => {
      const limits: readonly TaskOptions[] = [{}, { timeoutMs: 1_000 }, { queueTimeoutMs: 1_000 }];
      const contexts = Array.from({ length: 8 }, (_, times) => () => failing(member, times));

      it('lets each task run or rejects it with that, and nothing is left of it', async () => {
        for (const context of contexts)
          for (const limit of limits) {
            const clock = new VirtualClock();
            const pool = new TaskPool({ concurrency: 1, clock });
            const signal = context();
            const run = (): Promise<unknown> =>
              pool.run(() => Promise.resolve('ran'), { signal, ...limit }).catch((error: unknown) => error);
            const outcomes = await Promise.all([run(), run(), run()]);
            for (const outcome of outcomes) expect(['ran', failure]).toContain(outcome);
            await isClean(pool);
            expect(clock.pending).toBe(0);
          }
      });

      it.each([
        ['a map', async (pool: TaskPool, signal: Context) => pool.map([1, 2, 3], () => 'ran', { signal }).toArray()],
        [
          'a group',
          async (pool: TaskPool, signal: Context) => {
            await using group = pool.group();
            for (let n = 0; n < 3; n++) group.go(() => 'ran', { signal });
            return await group.wait();
          },
        ],
        [
          'go',
          async (pool: TaskPool, signal: Context) => {
            pool.go(() => 'ran', { signal });
            await pool.wait();
            return ['ran', 'ran', 'ran'];
          },
        ],
      ])('lets %s run or fails it with that', async (_, start) => {
        for (const context of contexts) {
          const pool = new TaskPool({ concurrency: 2 });
          const outcome = await start(pool, context()).catch((error: unknown) => error);
          expect([['ran', 'ran', 'ran'], failure]).toContainEqual(outcome);
          await isClean(pool);
        }
      });
    },
  );
});

it('a map whose context throws has nothing to wait for when it is left', async () => {
  const pool = new TaskPool({ concurrency: 2 });
  const value = (): never => {
    throw failure;
  };
  const results = pool.map([1, 2, 3], (n) => n, { signal: handWritten({ value }) });
  expect(await rejection(results.next())).toBe(failure);
  expect(await results.return?.()).toEqual({ done: true, value: undefined });
});
