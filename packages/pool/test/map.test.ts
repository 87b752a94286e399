import { getEventListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { CanceledError, systemClock, withCancel, withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, type MapOptions, type MapResults } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, turns, type HeldTask } from './held-task.ts';

failOnLeaks();

async function inLoop<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** A source that says how much has been taken from it, and whether it was closed. */
function counted(length: number) {
  const state = { taken: 0, isClosed: false };
  function* items(): Generator<number> {
    try {
      while (state.taken < length) yield state.taken++;
    } finally {
      state.isClosed = true;
    }
  }
  return { state, items: items() };
}

async function* slowly<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await turns();
    yield item;
  }
}

describe.each([
  { ordered: true, by: 'loop' },
  { ordered: false, by: 'loop' },
  { ordered: true, by: 'toArray' },
  { ordered: false, by: 'toArray' },
])('map, ordered: $ordered, by $by', ({ ordered, by }) => {
  const options: MapOptions = { ordered };
  const collect = <T>(results: MapResults<T>): Promise<T[]> => (by === 'loop' ? inLoop(results) : results.toArray());

  it('takes arrays, sets, strings, generators and asynchronous ones', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const double = (n: number): Promise<number> => Promise.resolve(n * 2);
    expect(await collect(pool.map([1, 2, 3], double, options))).toEqual([2, 4, 6]);
    expect(await collect(pool.map(new Set([1, 2]), double, options))).toEqual([2, 4]);
    expect(await collect(pool.map('ab', (char) => char + char, options))).toEqual(['aa', 'bb']);
    expect(await collect(pool.map(counted(4).items, double, options))).toEqual([0, 2, 4, 6]);
    expect(await collect(pool.map(slowly(1, 2, 3), double, options))).toEqual([2, 4, 6]);
    expect(await collect(pool.map([], double, options))).toEqual([]);
    const promised = await collect(pool.map([Promise.resolve(1), 2], (n) => n + 1, options));
    expect(promised.sort()).toEqual([2, 3]);
    expect(await collect(pool.map(slowly<number>(), double, options))).toEqual([]);
  });

  it('gives fn the item, a context and the index', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const ctx = withCancel();
    const seen = await collect(
      pool.map(['a', 'b'], (item, own, index) => [item, own.done, index], { ...options, signal: ctx }),
    );
    expect(seen).toEqual([
      ['a', false, 0],
      ['b', false, 1],
    ]);
    ctx.cancel();
  });

  it('is lazy: takes nothing before somebody asks, and then at most concurrency ahead of the consumer', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const { state, items } = counted(100);
    const results = pool.map(items, (n) => Promise.resolve(n), options);
    await turns();
    expect(state.taken).toBe(0);
    for (let n = 1; n <= 100; n++) {
      await results.next();
      await turns();
      expect(state.taken).toBe(Math.min(100, n + 3));
    }
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(state.isClosed).toBe(true);
  });

  it('throws the first error, when the others have been canceled and have ended', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const { state, items } = counted(100);
    const tasks: HeldTask[] = [held(), held()];
    let isOver = false;
    const outcome = rejection(collect(pool.map(items, (n, ctx) => (tasks[n] as HeldTask).run(ctx), options))).then(
      (error) => {
        isOver = true;
        return error;
      },
    );
    await turns();
    const error = new Error('no');
    tasks[1]?.fail(error);
    await turns();
    expect([isOver, tasks[0]?.ctx?.cause === error, state.taken]).toEqual([false, true, 2]);
    tasks[0]?.end('');
    expect(await outcome).toBe(error);
    expect(state).toEqual({ taken: 2, isClosed: true });
    expect(pool.active).toBe(0);
  });

  it('throws a synchronous error, and undefined', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const fail = (error: unknown) => (): never => {
      throw error;
    };
    expect(await rejection(collect(pool.map([1], fail(undefined), options)))).toBeUndefined();
    expect(await rejection(collect(pool.map([1], fail('no'), options)))).toBe('no');
  });

  it('throws what the source throws', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const seen: number[] = [];
    function* failing(): Generator<number> {
      yield 1;
      throw new Error('source');
    }
    async function* failingLater(): AsyncGenerator<number> {
      yield* slowly(1);
      throw new Error('source');
    }
    const fn = (n: number): void => {
      seen.push(n);
    };
    await expect(collect(pool.map(failing(), fn, options))).rejects.toThrow('source');
    await expect(collect(pool.map(failingLater(), fn, options))).rejects.toThrow('source');
    await expect(collect(pool.map([Promise.reject(new Error('item'))], fn, options))).rejects.toThrow('item');
    expect(pool.active).toBe(0);
  });

  it('left early cancels what runs, waits for it and closes the source', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const { state, items } = counted(100);
    const tasks = new Map<number, HeldTask>();
    const run = async (): Promise<string> => {
      for await (const result of pool.map(
        items,
        (n, ctx) => {
          const task = held();
          tasks.set(n, task);
          return task.run(ctx);
        },
        options,
      )) {
        return result;
      }
      return 'none';
    };
    let isOver = false;
    const outcome = run().finally(() => {
      isOver = true;
    });
    await turns();
    tasks.get(0)?.end('first');
    await turns();
    expect([isOver, state]).toEqual([false, { taken: 4, isClosed: false }]);
    expect(tasks.get(1)?.ctx?.cause).toBeInstanceOf(CanceledError);
    expect(tasks.get(1)?.ctx?.cause).toMatchObject({ message: 'nobody wants the rest of the results' });
    for (const task of tasks.values()) {
      expect(isOver).toBe(false);
      task.fail(new Error('ignored'));
      await turns();
    }
    expect(await outcome).toBe('first');
    expect(state).toEqual({ taken: 4, isClosed: true });
    expect([pool.active, pool.size]).toEqual([0, 0]);
  });

  it('left early closes an asynchronous source too', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    let isClosed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n++) yield await Promise.resolve(n);
      } finally {
        isClosed = true;
      }
    }
    for await (const n of pool.map(source(), (item) => item, options)) if (n > 2) break;
    expect(isClosed).toBe(true);
    expect(pool.active).toBe(0);
  });

  it('ends at once with its signal', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const ctx = withCancel();
    const { state, items } = counted(10);
    const task = held();
    const outcome = rejection(collect(pool.map(items, (_, own) => task.run(own), { ...options, signal: ctx })));
    await turns();
    ctx.cancel('gone');
    expect(await outcome).toBe('gone');
    expect([pool.active, state.isClosed]).toEqual([1, true]);
    task.end('');
    await pool.idle();
    const late = pool.map([1], (n) => n, { ...options, signal: ctx });
    expect(await rejection(late.next())).toBe('gone');
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  it.each(['its signal ends', 'an item fails', 'somebody leaves it'] as const)(
    'counts what runs as canceled as soon as %s',
    async (why) => {
      const pool = new TaskPool({ concurrency: 3 });
      const ctx = withCancel();
      const tasks = [held<number>(), held<number>(), held<number>()] as const;
      const results = pool.map(tasks, ({ run }, own) => run(own), { ...options, signal: ctx });
      const first = results.next().catch((error: unknown) => error);
      await turns();
      if (why === 'its signal ends') ctx.cancel('gone');
      else if (why === 'an item fails') tasks[0].fail('gone');
      else void results.return?.();
      await turns();
      const [failed, canceled] = why === 'an item fails' ? [1, 2] : [0, 3];
      expect(pool.stats()).toMatchObject({ active: canceled, failed, canceled });
      expect(pool.running().map(({ settled }) => settled)).toEqual(Array(canceled).fill(true));
      for (const task of tasks) task.end(1);
      await Promise.all([first, pool.idle()]);
      expect(pool.stats()).toMatchObject({ completed: 0, failed, canceled });
    },
  );

  it('waits for a place instead of overflowing, and for slots that others have', async () => {
    const pool = new TaskPool({ concurrency: 2, maxQueue: 0 });
    const first = held();
    const running = pool.run(first.run, { weight: 2 });
    let isOver = false;
    const outcome = collect(pool.map([1, 2, 3, 4], (n) => n, options)).finally(() => {
      isOver = true;
    });
    await turns();
    expect([isOver, pool.size]).toEqual([false, 2]);
    first.end('');
    expect(await outcome).toEqual([1, 2, 3, 4]);
    await running;
    expect(pool.stats().rejected).toBe(0);
  });

  it('fails when the pool closes before the end', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const results = pool.map([1, 2, 3], (n) => n, options);
    await results.next();
    await pool.close();
    await expect(collect(results)).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
    await expect(collect(pool.mapSettled([1], (n) => n, options))).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
  });

  it('answers several calls of next in order', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const results = pool.map([1, 2, 3], (n) => Promise.resolve(n), options);
    const answers = await Promise.all(Array.from({ length: 5 }, () => results.next()));
    expect(answers.map(({ value }) => value as unknown)).toEqual([1, 2, 3, undefined, undefined]);
    const failing = pool.map([1, 2, 3], () => Promise.reject(new Error('no')), options);
    const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => failing.next()));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('gives what is left, after the calls of next that came before', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const results = pool.map([1, 2, 3, 4], (n) => Promise.resolve(n), options);
    expect(await results.next()).toEqual({ done: false, value: 1 });
    const [next, rest] = [results.next(), collect(results)];
    expect(await next).toEqual({ done: false, value: 2 });
    expect(await rest).toEqual([3, 4]);
    expect(await collect(results)).toEqual([]);
  });

  it('answers calls of next in their order, at whatever moment they come', async () => {
    for (let moment = 0; moment < 12; moment++) {
      const pool = new TaskPool({ concurrency: 2 });
      const [first, second] = [held<number>(), held<number>()];
      const results = pool.map([first, second], (task, ctx) => task.run(ctx), options);
      const answers = [results.next()];
      await turns();
      first.end(1);
      second.end(2);
      for (let turn = 0; turn < moment; turn++) await Promise.resolve();
      answers.push(results.next());
      expect(await Promise.all(answers)).toMatchObject([{ value: 1 }, { value: 2 }]);
    }
  });

  it('ends waiting calls of next when it is left', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const task = held();
    const results = pool.map([1], (_, ctx) => task.run(ctx), options);
    const waiting = [results.next(), results.next()];
    await turns();
    const leaving = Promise.all([results.return?.(), results.return?.()]);
    const done = { done: true, value: undefined };
    expect(await Promise.all(waiting)).toEqual([done, done]);
    task.end('');
    expect(await leaving).toEqual([done, done]);
    expect(await results.next()).toEqual(done);
  });

  it('left before the first call of next does nothing', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const { state, items } = counted(3);
    const results = pool.map(items, (n) => n, options);
    expect(await results.return?.()).toEqual({ done: true, value: undefined });
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(state.taken).toBe(0);
  });

  it('settled goes on after errors', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const error = new Error('two');
    const results = await collect(
      pool.mapSettled([1, 2, 3], (n) => (n === 2 ? Promise.reject(error) : Promise.resolve(n)), options),
    );
    expect(results).toEqual([
      { ok: true, value: 1 },
      { ok: false, error },
      { ok: true, value: 3 },
    ]);
    const rejecting = await collect(pool.mapSettled([Promise.reject(error)], (n) => n, options));
    expect(rejecting).toEqual([{ ok: false, error }]);
  });

  it('settled ends with the pool', async () => {
    const controller = new AbortController();
    const pool = new TaskPool({ concurrency: 1, signal: controller.signal });
    const task = held();
    const outcome = rejection(collect(pool.mapSettled([1, 2], (_, ctx) => task.run(ctx), options)));
    await turns();
    controller.abort('gone');
    task.end('');
    expect(await outcome).toBe('gone');
  });

  it('tells a failure of closing the source to who leaves', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    function* source(): Generator<number> {
      try {
        yield 1;
        yield 2;
        yield 3;
      } finally {
        // eslint-disable-next-line no-unsafe-finally -- what is tested
        throw new Error('closing');
      }
    }
    const leave = async (): Promise<void> => {
      for await (const n of pool.map(source(), (item) => item, options)) if (n === 1) break;
    };
    await expect(leave()).rejects.toThrow('closing');
    await expect(collect(pool.map(source(), () => Promise.reject(new Error('fn')), options))).rejects.toThrow('fn');
  });
});

describe('toArray', () => {
  it('gives what there is so far when the map is left, which cancels what runs', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const tasks = [held(), held(), held()];
    const { state, items } = counted(3);
    const results = pool.map(items, (n, ctx) => (tasks[n] as HeldTask).run(ctx));
    const all = results.toArray();
    await turns();
    tasks[0]?.end('first');
    await turns();
    const leaving = results.return?.();
    expect(await all).toEqual(['first']);
    expect([tasks[1]?.ctx?.done, tasks[2]?.ctx?.done]).toEqual([true, true]);
    tasks[1]?.end('');
    tasks[2]?.fail(new Error('late'));
    expect(await leaving).toEqual({ done: true, value: undefined });
    expect([state.isClosed, pool.active]).toEqual([true, 0]);
    expect(await results.toArray()).toEqual([]);
  });

  it('called twice at once gives each item to one of them', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const results = pool.map([1, 2, 3, 4, 5], (n) => Promise.resolve(n));
    const arrays = await Promise.all([results.toArray(), results.toArray()]);
    expect(arrays.flat().sort()).toEqual([1, 2, 3, 4, 5]);
    const failing = pool.map([1, 2], () => Promise.reject(new Error('no')));
    const outcomes = await Promise.allSettled([failing.toArray(), failing.toArray()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('map', () => {
  it('ordered keeps the order of the input, unordered that of the ends', async () => {
    const pool = new TaskPool({ concurrency: 4 });
    const run = async (ordered: boolean | undefined): Promise<string[]> => {
      const tasks = new Map(['a', 'b', 'c'].map((name) => [name, held()]));
      const outcome = inLoop(
        pool.map(tasks.keys(), (name, ctx) => (tasks.get(name) as HeldTask).run(ctx), { ordered }),
      );
      for (const name of ['c', 'a', 'b']) {
        await turns();
        tasks.get(name)?.end(name);
      }
      return outcome;
    };
    expect(await run(true)).toEqual(['a', 'b', 'c']);
    expect(await run(undefined)).toEqual(['a', 'b', 'c']);
    expect(await run(false)).toEqual(['c', 'a', 'b']);
  });

  it('runs as many items of an asynchronous source as it may', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const task = held();
    const results = pool.map(slowly(1, 2, 3, 4), (_, ctx) => task.run(ctx));
    const first = results.next();
    for (let n = 0; n < 5; n++) await turns();
    expect(pool.active).toBe(3);
    task.end('done');
    await expect(first).resolves.toEqual({ done: false, value: 'done' });
    expect(await results.toArray()).toEqual(['done', 'done', 'done']);
  });

  it('throws the first error when the others have ended, also to who asks in between', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const tasks = [held(), held(), held()] as const;
    const results = pool.map(tasks, (task, ctx) => task.run(ctx));
    tasks[0].end('first');
    expect(await results.next()).toEqual({ done: false, value: 'first' });
    tasks[1].fail('no');
    await turns();
    let isOver = false;
    const outcome = rejection(results.next()).finally(() => {
      isOver = true;
    });
    await turns();
    expect([isOver, tasks[2].ctx?.cause]).toEqual([false, 'no']);
    tasks[2].end('');
    expect(await outcome).toBe('no');
  });

  it('leaves nothing with its signal', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const { signal } = new AbortController();
    expect(await inLoop(pool.map([1, 2, 3], (n) => n, { signal }))).toEqual([1, 2, 3]);
    for await (const n of pool.map(counted(9).items, (item) => item, { signal })) if (n === 3) break;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each(['sync', 'async'])('closes a source once, and not one that has failed: %s', async (kind) => {
    const pool = new TaskPool({ concurrency: 1 });
    const failing = (result: () => unknown) => {
      const iterator = { next: result, return: jest.fn(() => ({ done: true, value: undefined })) };
      const symbol = kind === 'sync' ? Symbol.iterator : Symbol.asyncIterator;
      return { iterator, source: { [symbol]: () => iterator } as unknown as Iterable<number> };
    };
    const thrown = (error: string) => (): never => {
      throw new Error(error);
    };
    const broken = failing(thrown('next'));
    await expect(pool.map(broken.source, (n) => n).next()).rejects.toThrow('next');
    const getter = failing(() => Object.defineProperty({}, 'done', { get: thrown('getter') }));
    await expect(pool.map(getter.source, (n) => n).next()).rejects.toThrow('getter');
    const rejecting = failing(() => Promise.reject(new Error('late')));
    if (kind === 'async') await expect(pool.map(rejecting.source, (n) => n).next()).rejects.toThrow('late');
    for (const { iterator } of [broken, getter, rejecting]) expect(iterator.return).not.toHaveBeenCalled();
    const good = failing(() => ({ done: false, value: 1 }));
    const results = pool.map(good.source, (n) => n);
    await results.next();
    await Promise.all([results.return?.(), results.return?.()]);
    await results.return?.();
    expect(good.iterator.return).toHaveBeenCalledTimes(1);
  });

  describe('waits for no item that is a promise which does not settle', () => {
    const never = new Promise<number>(() => undefined);

    it('when another one fails', async () => {
      const pool = new TaskPool({ concurrency: 2 });
      const failure = new Error('bad item');
      expect(await rejection(pool.map([never, Promise.reject(failure)], (item) => item).next())).toBe(failure);
      expect(pool.active).toBe(0);
    });

    it('when it is left', async () => {
      const pool = new TaskPool({ concurrency: 2 });
      const fn = jest.fn((item: number) => item);
      const results = pool.map([Promise.resolve(1), never], fn);
      expect(await results.next()).toEqual({ done: false, value: 1 });
      await results.return?.();
      expect([pool.active, fn.mock.calls.length]).toEqual([0, 1]);
    });

    it('when the signal ends', async () => {
      const pool = new TaskPool({ concurrency: 1 });
      const ctx = withCancel();
      const outcome = rejection(pool.map([never], (item) => item, { signal: ctx }).toArray());
      await turns();
      ctx.cancel('gone');
      expect(await outcome).toBe('gone');
      await expect(pool.run(() => 'next')).resolves.toBe('next');
    });
  });

  it.each<[string, MapOptions, (results: MapResults<number>) => Promise<unknown>]>([
    ['in order, toArray', {}, (results) => results.toArray()],
    ['in order, in a loop', {}, inLoop],
    ['as they come, toArray', { ordered: false }, (results) => results.toArray()],
    ['as they come, in a loop', { ordered: false }, inLoop],
  ])('throws an error that comes just when a result has been on its way: %s', async (_, options, collect) => {
    const pool = new TaskPool({ concurrency: 3 });
    const failure = new Error('boom');
    const last = held<number>();
    const { signal } = new AbortController();
    const results = pool.map(
      [0, 1, 2],
      (item, ctx) => (item === 2 ? last.run(ctx) : item === 1 ? Promise.reject(failure) : Promise.resolve(item)),
      { ...options, signal },
    );
    let isOver = false;
    const outcome = rejection(collect(results)).then((error) => {
      isOver = true;
      return error;
    });
    await turns();
    expect([isOver, pool.active]).toEqual([false, 1]);
    last.end(2);
    expect(await outcome).toBe(failure);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('answers several that have asked, in their order, where an error comes just then', async () => {
    const pool = new TaskPool({ concurrency: 3 });
    const failure = new Error('boom');
    const last = held<number>();
    const results = pool.map([0, 1, 2], (item, ctx) =>
      item === 2 ? last.run(ctx) : item === 1 ? Promise.reject(failure) : Promise.resolve(item),
    );
    const outcomes = Promise.allSettled([results.next(), results.next(), results.next()]);
    await turns();
    last.end(2);
    expect(await outcomes).toMatchObject([{ reason: failure }, { value: { done: true } }, { value: { done: true } }]);
  });

  it('leaves nothing on its signal when it has failed, also if nobody asks on', async () => {
    const { signal } = new AbortController();
    const pool = new TaskPool({ concurrency: 2 });
    const results = pool.map([0, 1], (item) => (item === 1 ? Promise.reject(new Error('no')) : item), { signal });
    await results.next().catch(() => undefined);
    await pool.idle();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not call fn for an item that has come too late', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const fn = jest.fn();
    let come!: (item: number) => void;
    const item = new Promise<number>((resolve) => {
      come = resolve;
    });
    const controller = new AbortController();
    const outcome = rejection(pool.map([item], fn, controller).next());
    await turns();
    come(1);
    await Promise.resolve();
    controller.abort('stop');
    expect(await outcome).toBe('stop');
    await pool.idle();
    expect(fn).not.toHaveBeenCalled();
  });

  it.each<[string, (results: MapResults<unknown>) => Promise<unknown>]>([
    ['next', (results) => results.next()],
    ['toArray', (results) => results.toArray()],
  ])('hears of its signal while it waits for what an error has left: %s', async (_, ask) => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 2, clock });
    const deaf = held();
    const failure = new Error('first');
    const ctx = withTimeout(undefined, 50, { clock });
    const outcome = rejection(
      ask(pool.map([0, 1], (item, own) => (item === 0 ? Promise.reject(failure) : deaf.run(own)), { signal: ctx })),
    );
    let isOver = false;
    void outcome.then(() => {
      isOver = true;
    });
    await clock.advance(49);
    expect([isOver, deaf.ctx?.cause]).toEqual([false, failure]);
    await clock.advance(1);
    expect(await outcome).toBe(ctx.cause);
    expect(pool.active).toBe(1);
    deaf.end('');
    await pool.idle();
  });

  it('looks after promises that reject before their turn, or never have one', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const first = held();
    const running = pool.run(first.run, { weight: 2 });
    function* source(): Generator<Promise<number>> {
      yield Promise.reject(new Error('one'));
      // Of another realm.
      yield runInNewContext("Promise.reject(new Error('other'))") as Promise<number>;
    }
    const settled = pool.mapSettled(source(), (n) => n).toArray();
    const left = pool.map(source(), (n) => n);
    const next = left.next();
    // That of which nobody has heard is unhandled now, and fails this test.
    await turns();
    await left.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    await turns();
    first.end('');
    expect(await settled).toMatchObject([{ error: { message: 'one' } }, { error: { message: 'other' } }]);
    await running;
  });

  it('leaves alone before their turn what may be started by being asked', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const first = held();
    const running = pool.run(first.run, { weight: 2 });
    const asked = jest.fn();
    const then: Promise<string>['then'] = (onValue, onError) => {
      asked();
      return Promise.resolve('done').then(onValue, onError);
    };
    class Lazy extends Promise<string> {
      constructor() {
        super(() => undefined);
      }
      override readonly then = then;
    }
    const pretending = Object.assign(Object.create(Promise.prototype) as Promise<string>, { then });
    const mapped = pool.map([new Lazy(), pretending], (text) => text).toArray();
    await turns();
    expect(asked).not.toHaveBeenCalled();
    first.end('');
    expect(await mapped).toEqual(['done', 'done']);
    await running;
  });

  it('left twice waits for the closing of the source both times', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const closing = held();
    async function* source(): AsyncGenerator<number> {
      try {
        for (;;) yield await Promise.resolve(1);
      } finally {
        await closing.run(withCancel());
      }
    }
    const results = pool.map(source(), (n) => n);
    await results.next();
    let left = 0;
    const leaving = [1, 2].map(async () => {
      await results.return?.();
      left++;
    });
    await turns();
    expect(left).toBe(0);
    closing.end('');
    await Promise.all(leaving);
    expect(left).toBe(2);
  });

  it('follows the size of the pool', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const { state, items } = counted(10);
    const results = pool.map(items, (n) => n);
    await results.next();
    pool.resize(4);
    await results.next();
    expect(state.taken).toBe(6);
    await results.return?.();
  });

  it.each([
    ['in a loop', (results: MapResults<number>) => results.next()],
    ['in an array', (results: MapResults<number>) => results.toArray()],
  ])('does not count as run time what the consumer takes for itself, %s', async (_, goOn) => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const results = pool.map([1, 2, 3, 4], (n) => Promise.resolve(n));
    await results.next();
    await clock.advance(1_000);
    await results.next();
    await clock.advance(1_000);
    await goOn(results);
    expect(pool.stats()).toMatchObject({ waitMs: { max: 0 }, runMs: { max: 0 } });
    await results.return?.();
  });

  it('counts neither what a source takes for an item', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 2, clock });
    async function* slow(): AsyncGenerator<number> {
      for (let n = 0; n < 3; n++) {
        await clock.advance(1_000);
        yield n;
      }
    }
    expect(await pool.map(slow(), (n) => Promise.resolve(n)).toArray()).toEqual([0, 1, 2]);
    expect(pool.stats()).toMatchObject({ completed: 3, waitMs: { max: 0 }, runMs: { max: 0 } });
  });

  it('nor where that blocks everything', async () => {
    let nowMs = 0;
    const pool = new TaskPool({ concurrency: 1, clock: { ...systemClock, now: () => nowMs } });
    function* blocking(): Generator<number> {
      for (let n = 0; n < 6; n++) {
        nowMs += 1_000;
        yield n;
      }
    }
    expect(await pool.map(blocking(), (n) => Promise.resolve(n)).toArray()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(pool.stats()).toMatchObject({ completed: 6, waitMs: { max: 0 }, runMs: { max: 0 } });
  });

  it('counts what an item takes, from when the one before it had ended', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const results = pool.map([300, 200, 100], (ms) => clock.advance(ms));
    await results.toArray();
    expect(pool.stats().runMs).toMatchObject({ count: 3, mean: 200, max: 300 });
  });

  it('takes at most 1 000 ahead in a pool without a limit', async () => {
    const pool = new TaskPool({ concurrency: Infinity });
    const { state, items } = counted(Infinity);
    for await (const n of pool.map(items, (item) => Promise.resolve(item))) if (n === 5) break;
    expect(state.taken).toBeLessThan(1_010);
  });

  it('leaves places in the queue to others as soon as it has its own', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: 2 });
    pool.pause();
    const controllers = [new AbortController(), new AbortController()];
    const leaving = controllers.map(({ signal }) => rejection(pool.run(() => 1, { signal })));
    const mapped = inLoop(pool.map([1], (n) => n));
    expect(pool.size).toBe(3);
    await expect(pool.run(() => 1)).rejects.toMatchObject({ code: 'ERR_POOL_FULL' });
    for (const controller of controllers) controller.abort();
    const accepted = pool.run(() => 'accepted');
    expect(pool.size).toBe(2);
    pool.resume();
    expect(await Promise.all([mapped, accepted])).toEqual([[1], 'accepted']);
    await Promise.all(leaving);
  });

  it('refuses what it cannot use', () => {
    const pool = new TaskPool({ concurrency: 1 });
    expect(() => pool.map(1 as never, (n) => n)).toThrow(new TypeError('source must be iterable, got 1'));
    expect(() => pool.map(null as never, (n) => n)).toThrow('source must be iterable, got null');
    expect(() => pool.map({} as never, (n) => n)).toThrow('source must be iterable, got an object');
    expect(() => pool.map([], 1 as never)).toThrow(new TypeError('fn must be a function, got 1'));
    expect(() => pool.map([], (n) => n, { ordered: 1 as never })).toThrow('ordered must be a boolean, got 1');
    expect(() => pool.map([], (n) => n, { signal: 1 as never })).toThrow(
      'signal must be an AbortSignal or a Context or undefined, got 1',
    );
  });
});
