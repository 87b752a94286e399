import { AsyncLocalStorage } from 'node:async_hooks';
import { TaskPool, type TaskPoolOptions } from '@patterns/pool';
import { held, turns } from './held-task.ts';

const storage = new AsyncLocalStorage<number>();

afterAll(() => {
  storage.disable();
});

const pools: readonly (readonly [string, TaskPoolOptions])[] = [
  ['fifo', { concurrency: 2 }],
  ['priorities', { concurrency: 1, ageingMs: 100 }],
  ['keys', { concurrency: 2, serializeKeys: true, fairness: 'round-robin' }],
  ['wait', { concurrency: 1, maxQueue: 1, overflow: 'wait' }],
  ['wait, no queue', { concurrency: 1, maxQueue: 0, overflow: 'wait' }],
  ['caller-runs', { concurrency: 1, maxQueue: 1, overflow: 'caller-runs' }],
];

describe.each(pools)('a task runs in the AsyncLocalStorage context of its submitter: %s', (_, options) => {
  it('whichever task was before it', async () => {
    const pool = new TaskPool(options);
    const seen = await Promise.all(
      Array.from({ length: 20 }, (__, n) =>
        storage.run(n, () =>
          pool.run(
            async () => {
              const before = storage.getStore();
              await turns();
              return [before, storage.getStore()];
            },
            { key: String(n % 3), priority: n % 4, signal: n % 5 === 0 ? new AbortController().signal : undefined },
          ),
        ),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 20 }, (__, n) => [n, n]));
  });

  it('by go and in groups too', async () => {
    const pool = new TaskPool(options);
    const seen: unknown[] = [];
    const group = pool.group();
    for (let n = 0; n < 6; n++) {
      await pool.whenBelow(1);
      storage.run(n, () => {
        pool.go(async () => {
          await turns();
          seen.push(storage.getStore());
        });
      });
    }
    await pool.wait();
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (let n = 0; n < 2; n++) {
      storage.run(n, () => {
        group.go(() => storage.getStore());
      });
    }
    expect(await group.wait()).toEqual([0, 1]);
  });
});

describe('map runs fn in the context of who iterates', () => {
  it.each([
    { ordered: true, by: 'loop' },
    { ordered: false, by: 'loop' },
    { ordered: true, by: 'toArray' },
    { ordered: false, by: 'toArray' },
  ])('ordered: $ordered, by $by', async ({ ordered, by }) => {
    const pool = new TaskPool({ concurrency: 2 });
    const busy = [held(), held()];
    const others = busy.map((task, index) => storage.run(100 + index, () => pool.run(task.run)));
    async function* source(): AsyncGenerator<number> {
      for (let n = 0; n < 10; n++) {
        await turns();
        yield n;
      }
    }
    const iterate = (items: Iterable<number> | AsyncIterable<number>): Promise<unknown[]> =>
      storage.run(7, async () => {
        const stores: unknown[] = [];
        const fn = async (): Promise<unknown> => {
          const before = storage.getStore();
          await turns();
          const after = storage.getStore();
          // Stays with this call.
          storage.enterWith(8);
          return [before, after];
        };
        const results = pool.map(items, fn, { ordered });
        if (by === 'toArray') return results.toArray();
        for await (const store of results) stores.push(store);
        return stores;
      });
    const outcomes = [iterate(Array.from({ length: 10 }, (_, n) => n)), iterate(source())];
    await turns();
    for (const task of busy) task.end('');
    for (const stores of await Promise.all(outcomes)) expect(stores).toEqual(Array(10).fill([7, 7]));
    await Promise.all(others);
  });
});
