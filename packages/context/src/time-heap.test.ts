import fc from 'fast-check';
import { TimeHeap, type TimeHeapItem } from './time-heap.ts';

interface Item extends TimeHeapItem {
  readonly time: number;
}

test('gives items in order of time, then of insertion, whatever leaves from the middle', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Infinity)) }) },
    fc.record({ delete: fc.nat() }),
    fc.constant({ shift: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 200 }), (steps) => {
      const heap = new TimeHeap<Item>();
      // The model is a list that is sorted, stably, each time.
      let list: Item[] = [];
      for (const action of steps) {
        if ('push' in action) {
          const item = { heapIndex: -1, time: action.push };
          heap.push(item, item.time);
          list.push(item);
          list.sort((a, b) => (a.time === b.time ? 0 : a.time - b.time));
        } else if (list.length > 0) {
          const item = 'delete' in action ? (list[action.delete % list.length] as Item) : (heap.first as Item);
          heap.delete(item);
          heap.delete(item);
          list = list.filter((other) => other !== item);
        }
        if (heap.first !== list[0] || heap.firstTime !== (list[0]?.time ?? Infinity) || heap.size !== list.length) {
          return false;
        }
      }
      const rest: Item[] = [];
      for (let { first } = heap; first !== undefined; { first } = heap) {
        rest.push(first);
        heap.delete(first);
      }
      return rest.every((item, index) => item === list[index] && item.heapIndex === -1) && rest.length === list.length;
    }),
    { numRuns: 1_000 },
  );
});

test('compares a place with its own four children, not with the first one of its neighbour', () => {
  const heap = new TimeHeap<Item>();
  const parentOf = (index: number): number => (index - 1) >> 2;
  // Everything below the fourth place comes late, so that its neighbours could not stand there; what is to fill the gap comes last.
  const isBelowFourth = (index: number): boolean => index >= 4 && (index === 4 || isBelowFourth(parentOf(index)));
  const items = Array.from({ length: 90 }, (_, index) => {
    const time = index === 89 ? 5_000 : isBelowFourth(index) ? 1_000 + index : index;
    const item = { heapIndex: -1, time };
    heap.push(item, item.time);
    return item;
  });
  expect(items.map(({ heapIndex }) => heapIndex)).toEqual(items.map((_, index) => index));
  heap.delete(items[20] as Item);
  const times: number[] = [];
  for (let { first } = heap; first !== undefined; { first } = heap) {
    times.push(first.time);
    heap.delete(first);
  }
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times).toHaveLength(89);
});
