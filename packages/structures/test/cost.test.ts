import { withCancel, withTimeout } from '@patterns/context';
import { BinaryHeap, LogHistogram, LruMap, RecencyList, RingBuffer, WaitQueue } from '@patterns/structures';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const parent = withCancel();
const controller = new AbortController();
const limited = withTimeout(parent, 60_000);
afterAll(() => {
  limited.cancel();
});

const queue = new WaitQueue<void>({ refuse: String });
const impatient = { maxWaitMs: 60_000 };
const served = (waiting: Promise<void>): Promise<void> => {
  queue.serve();
  return waiting;
};

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['a wait', () => served(queue.wait(undefined)), { promises: 1 }],
  ['a wait under a context', () => served(queue.wait(undefined, { signal: parent })), { promises: 1 }],
  ['a wait under a deadline that is armed', () => served(queue.wait(undefined, { signal: limited })), { promises: 1 }],
  [
    'a wait under an AbortSignal',
    () => served(queue.wait(undefined, { signal: controller.signal })),
    { promises: 1, listeners: 1 },
  ],
  ['a wait with a time limit', () => served(queue.wait(undefined, impatient)), { promises: 1, timers: 1 }],
  [
    'any other structure',
    () => {
      new RingBuffer<number>().pushBack(1);
      new BinaryHeap<number>((a, b) => a - b).push(1);
      new LruMap<string, number>({ maxSize: 1 }).set('a', 1);
      new RecencyList(1).add();
      new LogHistogram().record(1);
    },
    {},
  ],
];

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});
