import { AsyncLocalStorage } from 'node:async_hooks';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool } from '@patterns/pool';
import { held, rejection, turns } from './held-task.ts';

/** Faults that other pools and queues for Node.js have, each reproduced with the version named. */
describe('what goes wrong elsewhere', () => {
  it('cockatiel 4.0.0, bulkhead: a waiting call that is aborted is rejected at once, not when its turn comes', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const first = held();
    const running = pool.run(first.run);
    const controller = new AbortController();
    const waiting = rejection(pool.run(() => 1, { signal: controller.signal }));
    controller.abort('gone');
    expect([await waiting, pool.size, pool.active]).toEqual(['gone', 0, 1]);
    first.end('');
    await running;
  });

  it('cockatiel 4.0.0, bulkhead: a task costs the same whether 1 000 or 100 000 wait', () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: Infinity });
    pool.pause();
    const controllers = Array.from({ length: 100_000 }, () => new AbortController());
    const left = controllers.map(({ signal }) => rejection(pool.run(() => 1, { signal })));
    // Each from the middle: anything that searched or moved the others would take minutes.
    for (let n = 0; n < controllers.length; n += 2) controllers[n]?.abort();
    expect(pool.size).toBe(50_000);
    expect(pool.clear()).toBe(50_000);
    return Promise.all(left);
  });

  it('cockatiel 4.0.0, bulkhead, whose queue is an array: 100 000 start as they came, and none is moved or searched for', async () => {
    const pool = new TaskPool({ concurrency: 1, maxQueue: Infinity });
    const order: number[] = [];
    const leaving = new AbortController();
    const isLeaving = (n: number): boolean => n % 50 === 7;
    // Elements of arrays that grow with the queue.
    let touched = 0;
    const restore = watchArrays((length) => {
      if (length > 1_000) touched += length;
    });
    try {
      pool.pause();
      const outcomes = Array.from({ length: 100_000 }, (_, n) =>
        pool.run(() => order.push(n), isLeaving(n) ? { signal: leaving.signal } : undefined).catch(() => undefined),
      );
      leaving.abort();
      expect(pool.size).toBe(98_000);
      pool.resume();
      await Promise.all(outcomes);
    } finally {
      restore();
    }
    expect(touched).toBe(0);
    expect(order).toHaveLength(98_000);
    expect(order.every((n, index) => !isLeaving(n) && n > (order[index - 1] ?? -1))).toBe(true);
  });

  it('p-queue 9.3, p-limit 7.3: what is cleared rejects, and does not stay pending', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const first = held();
    const running = pool.run(first.run);
    const waiting = rejection(pool.run(() => 1));
    expect(pool.clear()).toBe(1);
    expect(await waiting).toMatchObject({ code: 'ERR_CANCELED' });
    first.end('');
    await running;
  });

  it('p-queue 9.3: a timeout aborts the signal that the task has got', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock });
    const task = held();
    const outcome = rejection(pool.run(task.run, { timeoutMs: 20 }));
    await turns();
    const signal = task.ctx?.signal;
    expect(signal?.aborted).toBe(false);
    await clock.advance(20);
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBe(await outcome);
    task.end('');
  });

  it('p-queue 9.3: an aborted task gives its slot back', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const controller = new AbortController();
    const running = rejection(
      pool.run(
        (ctx) =>
          new Promise((_, reject) => {
            const { signal } = ctx;
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          }),
        { signal: controller.signal },
      ),
    );
    await turns();
    controller.abort('gone');
    expect(await running).toBe('gone');
    await expect(pool.run(() => 'next')).resolves.toBe('next');
  });

  it('p-queue, fastq, bottleneck, cockatiel, mollitia: a waiting task keeps the AsyncLocalStorage of its submitter', async () => {
    const storage = new AsyncLocalStorage<number>();
    const pool = new TaskPool({ concurrency: 1 });
    const stores = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => storage.run(n, () => pool.run(() => Promise.resolve(storage.getStore())))),
    );
    expect(stores).toEqual([1, 2, 3, 4, 5, 6]);
    storage.disable();
  });

  it('bottleneck 2.19.5: 10 000 tasks need no timer, one after another', async () => {
    const clock = new VirtualClock();
    const setTimeout = jest.spyOn(clock, 'setTimeout');
    const platform = jest.spyOn(globalThis, 'setTimeout');
    const pool = new TaskPool({ concurrency: 1, maxQueue: Infinity, clock });
    await Promise.all(Array.from({ length: 10_000 }, (_, n) => pool.run(() => n)));
    expect([setTimeout.mock.calls.length, platform.mock.calls.length]).toEqual([0, 0]);
    platform.mockRestore();
  });

  it('opossum 10.0.0: the slot of a task that timed out is free when the task has ended', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 2, clock });
    let running = 0;
    let most = 0;
    const outcomes = Array.from({ length: 10 }, () =>
      rejection(
        pool.run(
          async () => {
            most = Math.max(most, ++running);
            await new Promise<void>((resolve) => clock.setTimeout(resolve, 500));
            running--;
          },
          { timeoutMs: 100 },
        ),
      ),
    );
    await clock.runAll();
    expect((await Promise.all(outcomes)).length).toBe(10);
    expect(most).toBe(2);
  });

  it('ants: a task that waits for a task of its own full pool is told, and does not hang', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    const outcome = pool.run((ctx) => pool.run(() => 1, { signal: ctx }));
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_NESTED_WAIT' });
  });

  it('p-map 7.1: after an error, the caller knows when the other mappers have ended', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    let running = 0;
    const fn = async (n: number): Promise<void> => {
      running++;
      await turns();
      if (n === 1) {
        running--;
        throw new Error('one');
      }
      await turns();
      running--;
    };
    const iterate = async (): Promise<void> => {
      for await (const n of pool.map([0, 1, 2, 3], fn)) expect(n).toBeUndefined();
    };
    await expect(iterate()).rejects.toThrow('one');
    expect(running).toBe(0);
  });
});

/** Tells of each call of a method of arrays that may visit or move all elements, and how many there are. */
function watchArrays(onCall: (length: number) => void): () => void {
  const prototype = Array.prototype as unknown as Record<string, unknown>;
  const names = Object.getOwnPropertyNames(prototype).filter((name) => typeof prototype[name] === 'function');
  const originals = new Map(names.map((name) => [name, prototype[name] as (...args: unknown[]) => unknown]));
  for (const harmless of ['constructor', 'push', 'pop', 'at']) originals.delete(harmless);
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(prototype, name, { value, writable: true, enumerable: false, configurable: true });
  };
  for (const [name, original] of originals) {
    define(name, function (this: readonly unknown[], ...args: unknown[]): unknown {
      onCall(this.length);
      return Reflect.apply(original, this, args);
    });
  }
  return () => {
    for (const [name, original] of originals) define(name, original);
  };
}
