import { BinaryHeap, type HeapEntry } from '@patterns/structures';
import fc from 'fast-check';

interface Task {
  priority: number;
  readonly name: string;
}
const byPriority = (a: Task, b: Task): number => a.priority - b.priority;
const drain = <T>(heap: BinaryHeap<T>): T[] => Array.from({ length: heap.size }, () => heap.pop() as T);

test('gives the smallest first', () => {
  const heap = new BinaryHeap<number>((a, b) => a - b);
  for (const value of [5, 3, 8, 1, 9, 2]) heap.push(value);
  expect(heap.size).toBe(6);
  expect(heap.peek()).toBe(1);
  expect(drain(heap)).toEqual([1, 2, 3, 5, 8, 9]);
  expect(heap.peek()).toBeUndefined();
  expect(heap.pop()).toBeUndefined();
});

test('gives equal ones in the order in which they came', () => {
  const heap = new BinaryHeap<Task>(byPriority);
  for (const name of 'abcdefgh') heap.push({ priority: 0, name });
  expect(drain(heap).map(({ name }) => name)).toEqual(Array.from('abcdefgh'));
});

test('takes a comparison that is NaN for equal', () => {
  const heap = new BinaryHeap<string>(() => NaN);
  for (const name of 'abcde') heap.push(name);
  expect(drain(heap)).toEqual(Array.from('abcde'));
});

test('deletes by handle, once', () => {
  const heap = new BinaryHeap<number>((a, b) => a - b);
  const entries = [5, 3, 8, 1].map((value) => heap.push(value));
  const three = entries[1] as HeapEntry<number>;
  expect(three.value).toBe(3);
  expect(heap.delete(three)).toBe(true);
  expect(heap.delete(three)).toBe(false);
  expect(drain(heap)).toEqual([1, 5, 8]);
});

test('knows neither handles of other heaps nor of values that have left', () => {
  const heap = new BinaryHeap<number>((a, b) => a - b);
  const gone = heap.push(1);
  heap.pop();
  heap.push(2);
  const foreign = new BinaryHeap<number>((a, b) => a - b).push(3);
  for (const entry of [gone, foreign, { value: 2 }]) {
    expect(heap.delete(entry)).toBe(false);
    heap.update(entry);
  }
  const cleared = heap.push(4);
  heap.clear();
  expect(heap.size).toBe(0);
  expect(heap.delete(cleared)).toBe(false);
  heap.push(5);
  expect(drain(heap)).toEqual([5]);
});

test('finds the new place of a value that has changed, and keeps its age among equals', () => {
  const heap = new BinaryHeap<Task>(byPriority);
  const [a, b, c] = ['a', 'b', 'c'].map((name, index) => heap.push({ priority: index, name })) as [
    HeapEntry<Task>,
    HeapEntry<Task>,
    HeapEntry<Task>,
  ];
  a.value.priority = 2;
  heap.update(a);
  expect(heap.peek()).toBe(b.value);
  c.value.priority = -1;
  heap.update(c);
  expect(heap.peek()).toBe(c.value);
  c.value.priority = 2;
  heap.update(c);
  expect(drain(heap).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
});

test('has a comparison that is a function', () => {
  expect(() => new BinaryHeap(undefined as never)).toThrow(new TypeError('compare must be a function, got undefined'));
});

test('is as it was before a comparison that throws', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 40 }),
      fc.constantFrom('push' as const, 'pop' as const, 'delete' as const),
      fc.nat(8),
      fc.nat(100),
      (values, action, comparisons, pick) => {
        let left = Infinity;
        const heap = new BinaryHeap<number>((a, b) => {
          if (left-- <= 0) throw new Error('compare');
          return a - b;
        });
        const entries = values.map((value) => heap.push(value));
        const entry = entries[pick % entries.length] as HeapEntry<number>;
        left = comparisons;
        let failed = false;
        try {
          if (action === 'push') heap.push(-1);
          else if (action === 'pop') heap.pop();
          else heap.delete(entry);
        } catch {
          failed = true;
        }
        left = Infinity;
        const expected = [...values];
        if (!failed && action === 'push') expected.push(-1);
        expected.sort((a, b) => a - b);
        if (!failed && action === 'pop') expected.shift();
        if (!failed && action === 'delete') expected.splice(expected.indexOf(entry.value), 1);
        expect(drain(heap)).toEqual(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

type Step = ['push' | 'delete' | 'update', number, number] | ['pop'] | ['clear'];

test('behaves as a list that is sorted again each time', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom('push' as const, 'update' as const), fc.nat(1000), fc.nat(9)) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('delete' as const), fc.nat(1000), fc.nat(9)) },
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom('pop' as const)) },
    { weight: 0.05 * 20, arbitrary: fc.tuple(fc.constantFrom('pop' as const, 'clear' as const)) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = new BinaryHeap<Task>(byPriority);
      const all: HeapEntry<Task>[] = [];
      // `sort` is stable, and what is in the list stands in the order of coming.
      let list: HeapEntry<Task>[] = [];
      const first = (): HeapEntry<Task> | undefined => [...list].sort((a, b) => byPriority(a.value, b.value))[0];
      for (const [name, pick = 0, priority = 0] of steps) {
        const entry = all[pick % Math.max(1, all.length)];
        if (name === 'push') {
          const pushed = heap.push({ priority, name: String(all.length) });
          all.push(pushed);
          list.push(pushed);
        } else if (name === 'pop') {
          const expected = first();
          expect(heap.pop()).toBe(expected?.value);
          list = list.filter((other) => other !== expected);
        } else if (name === 'clear') {
          heap.clear();
          list = [];
        } else if (entry !== undefined && name === 'update') {
          entry.value.priority = priority;
          heap.update(entry);
        } else if (entry !== undefined) {
          expect(heap.delete(entry)).toBe(list.includes(entry));
          list = list.filter((other) => other !== entry);
        }
        expect(heap.size).toBe(list.length);
        expect(heap.peek()).toBe(first()?.value);
      }
    }),
    { numRuns: 1000 },
  );
});
