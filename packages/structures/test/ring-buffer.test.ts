import { collectGarbage } from '@patterns-tools/test-kit';
import { RingBuffer } from '@patterns/structures';
import fc from 'fast-check';

test('is a queue from the back to the front', () => {
  const ring = new RingBuffer<number>();
  for (let value = 0; value < 100; value++) ring.pushBack(value);
  const taken = Array.from({ length: 100 }, () => ring.popFront());
  expect(taken).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(ring.popFront()).toBeUndefined();
  expect(ring.popBack()).toBeUndefined();
});

test('is a queue from the front to the back', () => {
  const ring = new RingBuffer<number>();
  for (let value = 0; value < 100; value++) ring.pushFront(value);
  const taken = Array.from({ length: 100 }, () => ring.popBack());
  expect(taken).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('takes nothing at its capacity, at neither end', () => {
  const ring = new RingBuffer<string>({ capacity: 2 });
  expect(ring.capacity).toBe(2);
  expect([ring.pushBack('b'), ring.pushFront('a'), ring.pushBack('c'), ring.pushFront('c')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([...ring]).toEqual(['a', 'b']);
  ring.popFront();
  expect(ring.pushBack('c')).toBe(true);
  expect([...ring]).toEqual(['b', 'c']);
});

test('holds undefined as a value', () => {
  const ring = new RingBuffer<undefined>();
  ring.pushBack(undefined);
  expect(ring.length).toBe(1);
  expect([...ring]).toEqual([undefined]);
});

test('finds by index from both ends, as Array.prototype.at', () => {
  const ring = new RingBuffer<number>();
  for (const value of [1, 2, 3]) ring.pushBack(value);
  ring.pushFront(0);
  const array = [0, 1, 2, 3];
  for (const index of [0, 3, 4, -1, -4, -5, 1.9, -1.9, -0.5, NaN, Infinity, -Infinity]) {
    expect([index, ring.at(index)]).toEqual([index, array.at(index)]);
  }
});

test('has nothing at an index beyond its values, not even with all slots in use', () => {
  const ring = new RingBuffer<number>();
  for (let length = 1; length <= 64; length++) {
    ring.pushBack(length);
    expect([length, ring.at(length), ring.at(-length - 1)]).toEqual([length, undefined, undefined]);
  }
});

test('shows changes made while iterating', () => {
  const ring = new RingBuffer<number>();
  for (const value of [1, 2, 3]) ring.pushBack(value);
  const seen: number[] = [];
  for (const value of ring) {
    seen.push(value);
    if (value === 1) ring.pushBack(4);
    if (value === 3) ring.popBack();
  }
  expect(seen).toEqual([1, 2, 3]);
});

test('lets go of what was taken and of what was cleared', async () => {
  const ring = new RingBuffer<object>();
  const references = Array.from({ length: 5 }, () => {
    const value = {};
    ring.pushBack(value);
    return new WeakRef(value);
  });
  const alive = async (): Promise<number> => {
    await collectGarbage();
    return references.filter((reference) => reference.deref() !== undefined).length;
  };
  expect(await alive()).toBe(5);
  ring.popFront();
  ring.popBack();
  expect(await alive()).toBe(3);
  ring.clear();
  expect(await alive()).toBe(0);
});

test('lets go of values that it held before it grew', async () => {
  const ring = new RingBuffer<object>();
  const references = Array.from({ length: 16 }, () => {
    const value = {};
    ring.pushBack(value);
    return new WeakRef(value);
  });
  ring.pushFront({});
  while (ring.length > 1) ring.popFront();
  await collectGarbage();
  const alive = references.filter((reference) => reference.deref() !== undefined);
  expect(alive).toEqual(references.slice(-1));
  expect(ring.length).toBe(1);
});

test('is empty after it was cleared, and goes on', () => {
  const ring = new RingBuffer<number>();
  for (let value = 0; value < 100; value++) ring.pushBack(value);
  ring.clear();
  expect([ring.length, [...ring], ring.at(0)]).toEqual([0, [], undefined]);
  ring.pushFront(1);
  expect(ring.at(-1)).toBe(1);
});

test.each(['popFront', 'popBack'] as const)('gives memory back after a burst, taken with %s', async (pop) => {
  const ring = new RingBuffer<number>();
  const used = async (): Promise<number> => {
    await collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await used();
  for (let value = 0; value < 1_000_000; value++) ring.pushBack(value);
  expect((await used()) - before).toBeGreaterThan(7e6);
  while (ring.length > 10) ring[pop]();
  expect((await used()) - before).toBeLessThan(1e6);
  // Without this use of it the ring as a whole would be garbage by then.
  expect(ring.length).toBe(10);
});

test.each([0, -1, 1.5, NaN, -Infinity, '3', null])('has no capacity of %p', (capacity) => {
  expect(() => new RingBuffer({ capacity: capacity as number })).toThrow(
    new RangeError(`capacity must be a positive integer or Infinity, got ${String(capacity)}`),
  );
});

test('takes undefined for no capacity', () => {
  expect(new RingBuffer({ capacity: undefined }).capacity).toBe(Infinity);
});

type Step = ['pushBack' | 'pushFront', number] | ['popFront' | 'popBack' | 'clear'] | ['at', number] | ['many', number];

test('behaves as an array does, whatever is done to it', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom('pushBack' as const, 'pushFront' as const), fc.integer()) },
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom('popFront' as const, 'popBack' as const)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('clear' as const)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('at' as const), fc.integer({ min: -40, max: 40 })) },
    // Far enough to grow and to shrink.
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('many' as const), fc.integer({ min: -80, max: 80 })) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.option(fc.integer({ min: 1, max: 70 })), (steps, bound) => {
      const capacity = bound ?? Infinity;
      const ring = new RingBuffer<number>({ capacity });
      const array: number[] = [];
      const add = (how: 'push' | 'unshift', value: number): boolean => {
        if (array.length >= capacity) return false;
        array[how](value);
        return true;
      };
      for (const [name, value = 0] of steps) {
        if (name === 'pushBack') expect(ring.pushBack(value)).toBe(add('push', value));
        else if (name === 'pushFront') expect(ring.pushFront(value)).toBe(add('unshift', value));
        else if (name === 'popFront') expect(ring.popFront()).toBe(array.shift());
        else if (name === 'popBack') expect(ring.popBack()).toBe(array.pop());
        else if (name === 'at') expect(ring.at(value)).toBe(array.at(value));
        else if (name === 'clear') {
          ring.clear();
          array.length = 0;
        } else {
          for (let count = 0; count < value; count++) expect(ring.pushBack(count)).toBe(add('push', count));
          for (let count = 0; count > value; count--) expect(ring.popFront()).toBe(array.shift());
        }
        expect(ring.length).toBe(array.length);
      }
      // `toEqual` takes [1, undefined] for [1].
      expect([...ring]).toStrictEqual(array);
    }),
    { numRuns: 1000 },
  );
});
