import { systemClock, withCancel, type Clock } from '@patterns/context';
import { TaskPool } from '@patterns/pool';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const answer = Promise.resolve(1);
/** Makes no promise of its own. */
const succeed = (): Promise<number> => answer;
const now = (): number => 1;
const pool = new TaskPool({ concurrency: 1 });
const ten = new TaskPool({ concurrency: 10 });
const full = new TaskPool({ concurrency: 1, maxQueue: 0 });
full.go(() => new Promise(() => undefined));
const parent = withCancel();
const controller = new AbortController();
const wrapped = pool.wrap(succeed);
const hundred = Array.from({ length: 100 }, (_, n) => n);

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['a task on a free slot', () => pool.run(succeed), { promises: 3 }],
  ['a synchronous one', () => pool.run(now), { promises: 2 }],
  ['a task through wrap', () => wrapped(), { promises: 3 }],
  ['a task under a context', () => pool.run(succeed, { signal: parent }), { promises: 3 }],
  [
    'a task under an AbortSignal',
    () => pool.run(succeed, { signal: controller.signal }),
    { promises: 3, listeners: 1 },
  ],
  ['a task with a time limit', () => pool.run(succeed, { timeoutMs: 60_000 }), { promises: 3, timers: 1 }],
  [
    'a task, and one that waits for it',
    () => {
      void pool.run(succeed);
      return pool.run(succeed);
    },
    { promises: 3 + 5 },
  ],
  [
    'the same with a time limit for waiting',
    () => {
      void pool.run(succeed);
      return pool.run(succeed, { queueTimeoutMs: 60_000 });
    },
    { promises: 3 + 5, timers: 1 },
  ],
  ['a task refused', () => full.run(succeed), { promises: 1 }],
  ['a task not taken', () => full.tryRun(succeed), {}],
  ['whenBelow', () => full.whenBelow(1), { promises: 3 }],
  ['100 items in an array', () => ten.map(hundred, succeed).toArray(), { promises: 1 + 100 * 2 + 10 * 3 }],
];

it('the clock is read twice for a task, and once for an item of a map', async () => {
  let readings = 0;
  const clock: Clock = {
    now: () => readings++,
    setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms),
  };
  const counted = new TaskPool({ concurrency: 10, clock });
  const readFor = async (operation: () => unknown): Promise<number> => {
    readings = 0;
    await operation();
    return readings;
  };
  expect(await readFor(() => counted.run(succeed))).toBe(2);
  // The first ten find free slots.
  expect(await readFor(() => counted.map(hundred, succeed).toArray())).toBe(100 + 10);
});

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});
