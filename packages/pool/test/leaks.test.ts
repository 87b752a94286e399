import { withCancel } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, type TaskPoolOptions } from '@patterns/pool';
import { failOnLeaks, heapPerOperation } from '@patterns-tools/test-kit';

failOnLeaks();

const ignore = (): undefined => undefined;
const failure = new Error('no');
const fail = (): never => {
  throw failure;
};
const clock = new VirtualClock();
const make = (options?: Partial<TaskPoolOptions>): TaskPool => new TaskPool({ concurrency: 2, clock, ...options });

const plain = make();
const keyed = make({ serializeKeys: true, fairness: 'round-robin' });
const full = make({ maxQueue: 0 });
const blocked = make();
blocked.pause();
const dropping = make({ maxQueue: 5, overflow: 'drop-oldest' });
dropping.pause();
const parent = withCancel();
const controller = new AbortController();
full.go(() => new Promise(ignore));
full.go(() => new Promise(ignore));

const ways: readonly (readonly [string, (index: number) => unknown])[] = [
  ['a task', () => plain.run(ignore)],
  ['a task that fails', () => plain.run(fail).catch(ignore)],
  ['a task under a context', () => plain.run(ignore, { signal: parent })],
  ['a task under a signal, with a timeout', () => plain.run(ignore, { signal: controller.signal, timeoutMs: 1e9 })],
  [
    'tasks that wait, with priorities',
    (n) => Promise.all([1, 2, 3, 4].map((p) => plain.run(ignore, { priority: p * n }))),
  ],
  [
    'tasks that wait under a signal',
    () => Promise.all([1, 2, 3].map(() => plain.run(ignore, { signal: controller.signal, queueTimeoutMs: 1e9 }))),
  ],
  [
    'keys that are not used again',
    (n) => Promise.all(['a', 'b', 'c'].map((key) => keyed.run(ignore, { key: `${key}${n}` }))),
  ],
  ['refusals', () => full.run(ignore, { signal: parent }).catch(ignore)],
  [
    'drops',
    () => {
      dropping.run(ignore, { signal: parent }).catch(ignore);
    },
  ],
  [
    'tasks that leave the queue',
    async () => {
      const ctx = withCancel(parent);
      const waiting = blocked.run(ignore, { signal: ctx, queueTimeoutMs: 1e9 }).catch(ignore);
      ctx.cancel();
      await waiting;
    },
  ],
  [
    'clearing',
    async () => {
      const waiting = blocked.run(ignore, { signal: parent }).catch(ignore);
      blocked.clear();
      await waiting;
    },
  ],
  [
    'waits that are given up',
    async () => {
      const ctx = withCancel(parent);
      const waits = [full.whenBelow(1, { signal: ctx }), full.idle({ signal: ctx }), full.wait({ signal: ctx })];
      ctx.cancel();
      await Promise.allSettled(waits);
    },
  ],
  ['nested tasks', () => plain.run((ctx) => plain.run(ignore, { signal: ctx }))],
  [
    'groups',
    async () => {
      const group = plain.group({ signal: parent });
      group.go(ignore);
      group.go(ignore, { signal: controller.signal });
      await group.wait();
    },
  ],
  [
    'groups that fail',
    async () => {
      await using group = plain.group({ signal: parent });
      group.go(fail);
    },
  ],
  [
    'going',
    async () => {
      plain.go(ignore);
      await plain.wait();
    },
  ],
  [
    'maps',
    async () => {
      const results = plain.map([1, 2, 3, 4], ignore, { signal: parent });
      while ((await results.next()).done !== true);
    },
  ],
  ['maps to arrays', () => plain.map([1, 2, 3, 4], ignore, { signal: parent }).toArray()],
  [
    'maps that are left',
    async () => {
      const results = plain.map([1, 2, 3, 4], ignore, { signal: parent });
      await results.next();
      await results.return?.();
    },
  ],
  [
    'pools',
    async (n) => {
      if (n % 50 > 0) return;
      await using pool = make({ signal: parent });
      await Promise.all([pool.run(ignore), pool.run(ignore), pool.run(ignore)]);
    },
  ],
];

/** Of these one time is several tasks, or several waits. */
const several = /wait|keys|leave|given up|groups|maps|nested/;

describe('nothing is left behind, after 100 000 tasks', () => {
  it.each(ways)(
    '%s',
    async (name, run) => {
      const operations = several.test(name) ? 5_000 : 20_000;
      expect(await heapPerOperation(run, { operations, rounds: 4 })).toBeLessThan(25);
      expect(clock.pending).toBe(0);
    },
    120_000,
  );
});

it('a slot that is free keeps nothing of the task that it has run', async () => {
  const run = async (): Promise<WeakRef<object>> => {
    const value = { big: true };
    await plain.run(() => value, { signal: withCancel(), name: 'x' });
    return new WeakRef(value);
  };
  const kept = await run();
  await heapPerOperation(ignore, { operations: 10, rounds: 2 });
  expect(kept.deref()).toBeUndefined();
});

it('a signal that lives on does not keep a group that nobody has waited for', async () => {
  const run = async (): Promise<WeakRef<object>> => {
    const value = { big: true };
    plain.group<object>({ signal: parent }).go(() => value);
    await plain.idle();
    return new WeakRef(value);
  };
  const kept = await run();
  await heapPerOperation(ignore, { operations: 10, rounds: 2 });
  expect(kept.deref()).toBeUndefined();
});
