import { getEventListeners } from 'node:events';
import { heapPerOperation } from '@patterns-tools/test-kit';
import { withCancel } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { WaitQueue } from '@patterns/structures';

const clock = new VirtualClock();

test('nothing is left of 200 000 waits that have ended in every way, under one context and one signal that live on', async () => {
  const queue = new WaitQueue<number, number>({ refuse: () => 'refused', clock });
  const controller = new AbortController();
  using ctx = withCancel();
  const bytes = await heapPerOperation(
    async (index) => {
      using child = withCancel(ctx);
      const settled = Promise.allSettled([
        queue.wait(0, { signal: ctx, maxWaitMs: 1e9 }),
        queue.wait(1, { signal: controller.signal }),
        queue.wait(2, { signal: child }),
        queue.wait(3, { signal: ctx }),
        queue.wait(4, { signal: controller.signal, maxWaitMs: 1e9 }),
      ]);
      queue.serve(index);
      child.cancel();
      queue.serveLast(index);
      queue.reject('no');
      queue.rejectAll(() => 'closed');
      await settled;
    },
    { operations: 7_000, rounds: 6 },
  );
  expect(bytes).toBeLessThan(8);
  expect(queue.size).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('a waiter leaves in the same time from any place, of 100 000', async () => {
  const queue = new WaitQueue<void>({ refuse: () => 'refused' });
  using parent = withCancel();
  const contexts = Array.from({ length: 100_000 }, () => withCancel(parent));
  const waits = contexts.map((signal) => queue.wait(undefined, { signal }).catch(() => 'left'));
  // Would take minutes if each were searched for.
  for (let index = 99_999; index >= 0; index -= 2) contexts[index]?.cancel();
  for (let index = 0; index < 100_000; index += 2) contexts[index]?.cancel();
  expect(queue.size).toBe(0);
  expect(new Set(await Promise.all(waits))).toEqual(new Set(['left']));
});
