import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { collectGarbage, recordDiagnostics } from '@patterns-tools/test-kit';
import type { ListenerErrorMessage } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { LruMap, type EvictionReason, type LruMapOptions } from '@patterns/structures';
import fc from 'fast-check';

// A hundred thousand of each, on a machine that may be busy with other things.
jest.setTimeout(60_000);

const keysOf = <K, V>(map: LruMap<K, V>): K[] => [...map].map(([key]) => key);

/** What callbacks threw while `act` ran. */
const listenerErrors = (act: () => void): unknown[] => {
  const messages: unknown[] = [];
  const hear = (message: unknown): void => void messages.push(message);
  subscribe('patterns:structures:listener-error', hear);
  try {
    act();
  } finally {
    unsubscribe('patterns:structures:listener-error', hear);
  }
  return messages;
};

describe('the bound', () => {
  test('drops the least recently used entry for a new key', () => {
    const evicted: [number, string, EvictionReason][] = [];
    const map = new LruMap<string, number>({ maxSize: 2, onEvict: (...args) => evicted.push(args) });
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    expect(map.set('c', 3)).toBe(true);
    expect(evicted).toEqual([[2, 'b', 'size']]);
    expect([...map]).toEqual([
      ['a', 1],
      ['c', 3],
    ]);
  });

  test('counts get and set as use, but not peek, has and iteration', () => {
    const map = new LruMap<string, number>({ maxSize: 4 });
    for (const key of 'abcd') map.set(key, 0);
    map.get('a');
    map.set('b', 1);
    expect(map.peek('c')).toBe(0);
    expect(map.has('d')).toBe(true);
    expect(keysOf(map)).toEqual(['c', 'd', 'a', 'b']);
  });

  test('keeps the order of use of many entries, up to the last one that it holds', () => {
    const map = new LruMap<number, number>({ maxSize: 100 });
    for (let key = 0; key < 150; key++) map.set(key, key);
    for (let key = 60; key < 100; key++) map.get(key);
    const from = (first: number, end: number): number[] =>
      Array.from({ length: end - first }, (_, index) => first + index);
    expect(keysOf(map)).toEqual([...from(50, 60), ...from(100, 150), ...from(60, 100)]);
    expect(map.size).toBe(100);
  });

  test('drops nothing for a key that it has', () => {
    const onEvict = jest.fn();
    const map = new LruMap<string, number>({ maxSize: 1, onEvict });
    map.set('a', 1);
    expect(map.set('a', 2)).toBe(true);
    expect(map.get('a')).toBe(2);
    expect(map.size).toBe(1);
    expect(onEvict).not.toHaveBeenCalled();
  });

  test('compares keys as Map does', () => {
    const map = new LruMap<unknown, string>({ maxSize: 9 });
    map.set(NaN, 'NaN');
    map.set(0, 'zero');
    map.set('0', 'text');
    map.set(undefined, 'undefined');
    expect([NaN, -0, '0', undefined, null].map((key) => map.get(key))).toEqual([
      'NaN',
      'zero',
      'text',
      'undefined',
      undefined,
    ]);
    expect(map.delete(undefined)).toBe(true);
    expect(map.has(undefined)).toBe(false);
  });

  test('holds undefined as a value', () => {
    const map = new LruMap<string, undefined>({ maxSize: 1 });
    map.set('a', undefined);
    expect([map.has('a'), map.size, [...map]]).toEqual([true, 1, [['a', undefined]]]);
  });

  test('tells nobody of delete, clear and replaced values', () => {
    const onEvict = jest.fn();
    const map = new LruMap<string, number>({ maxSize: 3, onEvict });
    for (const key of 'abc') map.set(key, 1);
    map.set('a', 2);
    expect([map.delete('a'), map.delete('a')]).toEqual([true, false]);
    map.clear();
    expect([map.size, [...map], map.get('b')]).toEqual([0, [], undefined]);
    map.set('d', 4);
    expect([...map]).toEqual([['d', 4]]);
    expect(onEvict).not.toHaveBeenCalled();
  });
});

describe('entries that may not go', () => {
  const pinned = (options?: Partial<LruMapOptions<number, boolean>>): LruMap<number, boolean> =>
    new LruMap({ maxSize: 10, evictable: (mayGo) => mayGo, ...options });

  test('are passed over', () => {
    const map = pinned();
    for (let key = 0; key < 10; key++) map.set(key, key >= 7);
    map.set(10, true);
    expect(keysOf(map)).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 9, 10]);
  });

  test('go all the same if the 8 least recently used are all such', () => {
    const map = pinned();
    for (let key = 0; key < 10; key++) map.set(key, key >= 8);
    expect(map.set(10, true)).toBe(true);
    expect(keysOf(map)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('keep a new key out if it is to be refused', () => {
    const map = pinned({ whenFull: 'refuse' });
    for (let key = 0; key < 10; key++) map.set(key, key >= 8);
    expect(map.set(10, true)).toBe(false);
    expect(map.has(10)).toBe(false);
    expect(map.set(3, true)).toBe(true);
    map.get(0);
    expect(map.set(10, true)).toBe(true);
    expect(keysOf(map)).toEqual([1, 2, 4, 5, 6, 7, 9, 3, 0, 10]);
  });

  test('are at most 8 questions for a new key', () => {
    const evictable = jest.fn(() => false);
    const map = new LruMap<number, string>({ maxSize: 100, evictable });
    for (let key = 0; key < 100; key++) map.set(key, 'x');
    expect(evictable).not.toHaveBeenCalled();
    map.set(100, 'x');
    expect(evictable.mock.calls).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((key) => ['x', key]));
  });
});

describe('idle entries', () => {
  const idleMap = (
    options?: Partial<LruMapOptions<string, number>>,
  ): { map: LruMap<string, number>; clock: VirtualClock; evicted: string[] } => {
    const clock = new VirtualClock();
    const evicted: string[] = [];
    const map = new LruMap<string, number>({
      maxSize: 100,
      idleMs: 10,
      clock,
      onEvict: (_value, key, reason) => evicted.push(`${key} ${reason}`),
      ...options,
    });
    return { map, clock, evicted };
  };

  test.each<[string, (map: LruMap<string, number>) => void]>([
    ['get', (map) => map.get('none')],
    ['peek', (map) => map.peek('none')],
    ['has', (map) => map.has('none')],
    ['delete', (map) => map.delete('none')],
    ['set', (map) => map.set('new', 0)],
  ])('go two at a time, with each %s', async (_name, operation) => {
    const { map, clock, evicted } = idleMap();
    for (const key of 'abcde') map.set(key, 0);
    await clock.advance(9);
    operation(map);
    expect(evicted).toEqual([]);
    await clock.advance(1);
    operation(map);
    expect(evicted).toEqual(['a idle', 'b idle']);
    operation(map);
    operation(map);
    operation(map);
    expect(evicted).toEqual(Array.from('abcde').map((key) => `${key} idle`));
  });

  test('are not handed out, wherever they stand', async () => {
    const { map, clock, evicted } = idleMap();
    for (const key of 'abcde') map.set(key, 0);
    await clock.advance(10);
    expect(map.size).toBe(5);
    expect(map.get('d')).toBeUndefined();
    expect(evicted).toEqual(['d idle', 'a idle']);
    expect(map.has('e')).toBe(false);
    expect(map.peek('c')).toBeUndefined();
    expect(map.size).toBe(0);
  });

  test('are told of before the value that takes their place', async () => {
    const { map, clock, evicted } = idleMap();
    map.set('a', 1);
    await clock.advance(10);
    map.set('a', 2);
    expect(evicted).toEqual(['a idle']);
    expect([...map]).toEqual([['a', 2]]);
  });

  test('are told of to nobody when they are deleted', async () => {
    const { map, clock, evicted } = idleMap();
    map.set('a', 1);
    await clock.advance(10);
    expect(map.delete('a')).toBe(true);
    expect(evicted).toEqual([]);
  });

  test('are no longer idle once used', async () => {
    const { map, clock, evicted } = idleMap();
    for (const key of 'ab') map.set(key, 0);
    await clock.advance(6);
    map.get('a');
    map.peek('b');
    await clock.advance(6);
    expect([map.get('a'), map.size, evicted]).toEqual([0, 1, ['b idle']]);
  });

  test('stay, and are handed out, if they may not go', async () => {
    const { map, clock, evicted } = idleMap({ evictable: (value) => value > 0 });
    for (const [index, key] of Array.from('abcd').entries()) map.set(key, index % 2);
    await clock.advance(10);
    expect(map.peek('a')).toBe(0);
    expect(evicted).toEqual(['b idle', 'd idle']);
    expect(keysOf(map)).toEqual(['a', 'c']);
    map.get('a');
    expect(keysOf(map)).toEqual(['c', 'a']);
  });

  test('that may not go are at most 8 questions for an operation, and one more for its own key', async () => {
    const evictable = jest.fn((_value: number, _key: string) => false);
    const { map, clock } = idleMap({ evictable });
    for (let index = 0; index < 100; index++) map.set(`${index}`, index);
    await clock.advance(10);
    map.peek('none');
    map.peek('50');
    map.peek('0');
    const asked = evictable.mock.calls.map(([, key]) => key).join();
    expect(asked).toBe('0,1,2,3,4,5,6,7,50,0,1,2,3,4,5,6,7,0,1,2,3,4,5,6,7');
  });

  test('stay while the clock goes back', async () => {
    let now = 1000;
    const map = new LruMap<string, number>({
      maxSize: 9,
      idleMs: 10,
      clock: { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) },
    });
    map.set('a', 1);
    now = 0;
    map.set('b', 2);
    expect(map.size).toBe(2);
    now = 10;
    expect([map.get('b'), map.get('a')]).toEqual([2, 1]);
    await Promise.resolve();
  });

  test('are all idle at once with 0', () => {
    const { map, evicted } = idleMap({ idleMs: 0 });
    map.set('a', 1);
    expect(map.get('a')).toBeUndefined();
    expect(evicted).toEqual(['a idle']);
  });

  test('cost no clock without a limit', () => {
    const now = jest.fn(() => 0);
    const map = new LruMap<string, number>({
      maxSize: 1,
      clock: { now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) },
    });
    map.set('a', 1);
    map.get('a');
    map.set('b', 1);
    expect(now).not.toHaveBeenCalled();
  });

  test('need no timer', async () => {
    const { map, clock } = idleMap();
    map.set('a', 1);
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(map.size).toBe(1);
  });
});

describe('iteration', () => {
  test('goes through the keys of the beginning, with the values of the moment, less what has left', () => {
    const map = new LruMap<string, number>({ maxSize: 4 });
    for (const key of 'abcd') map.set(key, 0);
    const seen: [string, number][] = [];
    for (const [key, value] of map) {
      seen.push([key, value]);
      map.get(key);
      if (key === 'a') {
        map.delete('b');
        map.set('c', 1);
        map.set('e', 2);
      }
    }
    expect(seen).toEqual([
      ['a', 0],
      ['c', 1],
      ['d', 0],
    ]);
  });

  test('does not take a new key for the one whose slot it has', () => {
    const map = new LruMap<string, number>({ maxSize: 2 });
    map.set('a', 0);
    map.set('b', 0);
    const seen = [];
    for (const [key] of map) {
      seen.push(key);
      map.delete('b');
      map.set('c', 0);
    }
    expect(seen).toEqual(['a']);
  });
});

describe('callbacks', () => {
  test('may use the map, which is consistent by then', () => {
    const log: string[] = [];
    const map: LruMap<string, number> = new LruMap<string, number>({
      maxSize: 2,
      onEvict: (value, key) => {
        log.push(`${key} for ${keysOf(map).join()}`);
        if (value < 3) map.set(key, value + 1);
      },
    });
    map.set('a', 1);
    map.set('b', 1);
    map.set('c', 3);
    expect(log[0]).toBe('a for b,c');
    expect(map.size).toBe(2);
    expect(keysOf(map)).toHaveLength(2);
  });

  test('do not reach the call with what they throw', async () => {
    const clock = new VirtualClock();
    const map = new LruMap<string, number>({
      maxSize: 2,
      idleMs: 10,
      clock,
      onEvict: () => {
        throw new Error('onEvict');
      },
    });
    map.set('a', 1);
    map.set('b', 1);
    const messages = listenerErrors(() => {
      expect(map.set('c', 1)).toBe(true);
    });
    expect(messages).toEqual([{ name: undefined, listener: 'onEvict', error: new Error('onEvict') }]);
    await clock.advance(10);
    expect(
      listenerErrors(() => {
        expect(map.get('c')).toBeUndefined();
      }),
    ).toHaveLength(2);
    expect(map.size).toBe(0);
  });

  test('do not reach the call with what they reject with', async () => {
    const map = new LruMap<string, number>({
      maxSize: 1,
      onEvict: () => Promise.reject(new Error('onEvict')) as never,
    });
    using recorded = recordDiagnostics<{ 'patterns:structures:listener-error': ListenerErrorMessage }>([
      'patterns:structures:listener-error',
    ]);
    map.set('a', 1);
    expect(map.set('b', 1)).toBe(true);
    await Promise.resolve();
    const message = { name: undefined, listener: 'onEvict', error: new Error('onEvict') };
    expect(recorded.records.map((record) => record.message)).toEqual([message]);
  });

  test('count as false if they throw when asked', () => {
    const map = new LruMap<string, number>({
      maxSize: 2,
      evictable: (value) => {
        if (value === 1) throw new Error('evictable');
        return true;
      },
    });
    map.set('a', 1);
    map.set('b', 2);
    const messages = listenerErrors(() => {
      expect(map.set('c', 3)).toBe(true);
    });
    expect(messages).toEqual([{ name: undefined, listener: 'evictable', error: new Error('evictable') }]);
    expect(keysOf(map)).toEqual(['a', 'c']);
  });

  test('hear of an eviction when nobody is being asked any more, though the asked have looked', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const map: LruMap<string, number> = new LruMap<string, number>({
      maxSize: 9,
      idleMs: 10,
      clock,
      evictable: (_value, key) => {
        log.push(`ask ${key}`);
        const mayGo = map.has(key) && map.peek(key) === 1;
        log.push(`asked ${key}`);
        return mayGo;
      },
      onEvict: (_value, key) => {
        log.push(`told ${key}`);
        map.set(`log of ${key}`, 0);
      },
    });
    for (const key of 'abc') map.set(key, 1);
    await clock.advance(10);
    expect(map.get('none')).toBeUndefined();
    expect(log.join()).toBe('ask a,asked a,ask b,asked b,told a,ask c,asked c,told c,told b');
    expect(keysOf(map)).toEqual(['log of a', 'log of c', 'log of b']);
  });

  test('may not change the map while they are asked, only look', () => {
    const tries: ((map: LruMap<string, number>) => unknown)[] = [
      (map) => map.get('b'),
      (map) => map.set('b', 0),
      (map) => map.delete('b'),
      (map) => {
        map.clear();
      },
    ];
    for (const attempt of tries) {
      const map: LruMap<string, number> = new LruMap<string, number>({
        maxSize: 2,
        evictable: (_value, key) => {
          expect([map.has(key), map.peek(key), map.size]).toEqual([true, 1, 2]);
          attempt(map);
          return true;
        },
      });
      map.set('a', 1);
      map.set('b', 1);
      const messages = listenerErrors(() => {
        map.set('c', 1);
      });
      const error = new TypeError('evictable must not change or use the map, only peek and has');
      expect(messages).toEqual([
        { name: undefined, listener: 'evictable', error },
        { name: undefined, listener: 'evictable', error },
      ]);
      expect(keysOf(map)).toEqual(['b', 'c']);
    }
  });
});

test.each<[Partial<LruMapOptions<string, number>>, Error]>([
  [{ maxSize: 1, clock: null as never }, new TypeError('clock must be a clock, got null')],
  [{ maxSize: 1, clock: {} as never }, new TypeError('clock must be a clock, got an object')],
  [{ maxSize: 0 }, new RangeError('maxSize must be a positive integer, got 0')],
  [{ maxSize: 1.5 }, new RangeError('maxSize must be a positive integer, got 1.5')],
  [{ maxSize: Infinity }, new RangeError('maxSize must be a positive integer, got Infinity')],
  [{ maxSize: undefined as never }, new RangeError('maxSize must be a positive integer, got undefined')],
  [{ idleMs: -1 }, new RangeError('idleMs must be 0 or more milliseconds, got -1')],
  [{ idleMs: NaN }, new RangeError('idleMs must be 0 or more milliseconds, got NaN')],
  [{ idleMs: null as never }, new RangeError('idleMs must be 0 or more milliseconds, got null')],
  [{ idleMs: '5' as never }, new RangeError('idleMs must be 0 or more milliseconds, got "5"')],
  [{ idleMs: true as never }, new RangeError('idleMs must be 0 or more milliseconds, got true')],
  [{ idleMs: [] as never }, new RangeError('idleMs must be 0 or more milliseconds, got an array')],
  [{ whenFull: 'drop' as never }, new RangeError("whenFull must be 'evict' or 'refuse', got drop")],
  [{ evictable: true as never }, new TypeError('evictable must be a function, got true')],
  [{ onEvict: {} as never }, new TypeError('onEvict must be a function, got an object')],
])('refuses %p', (options, error) => {
  expect(() => new LruMap({ maxSize: 1, ...options })).toThrow(error);
});

describe('memory', () => {
  test('keeps neither keys nor values that have left', async () => {
    const map = new LruMap<object, object>({ maxSize: 2 });
    const references = ((): WeakRef<object>[] => {
      const objects = Array.from({ length: 8 }, () => ({}));
      const [a, b, c, d, e, f, g, h] = objects as [object, object, object, object, object, object, object, object];
      map.set(a, b);
      map.set(c, d);
      map.set(e, f);
      map.set(e, g);
      map.delete(c);
      map.set(g, h);
      return objects.map((object) => new WeakRef(object));
    })();
    await collectGarbage();
    expect(references.map((reference) => reference.deref() !== undefined)).toEqual(
      // a and b were evicted, c and d deleted, f replaced.
      [false, false, false, false, true, false, true, true],
    );
    map.clear();
    await collectGarbage();
    expect(references.filter((reference) => reference.deref() !== undefined)).toEqual([]);
  });

  test('keeps neither keys nor values that have left, also while nothing takes their place', async () => {
    const clock = new VirtualClock();
    const map = new LruMap<object, object>({ maxSize: 9, idleMs: 10, clock });
    const last = {};
    const references = await (async (): Promise<WeakRef<object>[]> => {
      const [a, b, c, d] = [{}, {}, {}, {}];
      map.set(a, b);
      map.set(c, d);
      map.delete(a);
      await clock.advance(10);
      map.set(last, last);
      return [a, b, c, d].map((object) => new WeakRef(object));
    })();
    map.delete(last);
    await collectGarbage();
    expect(references.filter((reference) => reference.deref() !== undefined)).toEqual([]);
    expect(map.size).toBe(0);
  });

  test('is at most 60 bytes for an entry beyond that of a Map, with idleMs, also after as many evictions', async () => {
    const maxSize = 100_000;
    const keys = Array.from({ length: 2 * maxSize }, (_, index) => `key ${index}`);
    // Looked up once, or the text of each key would be counted: it is put together when it is first hashed.
    expect(new Set(keys).size).toBe(keys.length);
    const bytesOf = async (make: () => { readonly size: number }): Promise<number> => {
      const used = async (): Promise<number> => {
        await collectGarbage();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return heapUsed + arrayBuffers;
      };
      const before = await used();
      const made = make();
      const bytes = (await used()) - before;
      expect(made.size).toBe(maxSize);
      return bytes / maxSize;
    };
    const plain = await bytesOf(() => {
      const map = new Map<string, number>();
      for (const [index, key] of keys.entries()) {
        if (index >= maxSize) map.delete(keys[index - maxSize] as string);
        map.set(key, index);
      }
      return map;
    });
    const bounded = await bytesOf(() => {
      const map = new LruMap<string, number>({ maxSize, idleMs: 1e9 });
      for (const key of keys) map.set(key, Math.random());
      return map;
    });
    expect(bounded - plain).toBeLessThan(60);
  });
});

/** The same rules over a plain list, oldest first. */
class NaiveLru {
  entries: { key: number; value: number; usedAt: number }[] = [];
  readonly evicted: string[] = [];
  readonly #options: { maxSize: number; idleMs: number; refuse: boolean; mayGo: (value: number) => boolean };

  constructor(options: { maxSize: number; idleMs: number; refuse: boolean; mayGo: (value: number) => boolean }) {
    this.#options = options;
  }

  find(key: number): number {
    return this.entries.findIndex((entry) => entry.key === key);
  }

  drop(index: number, reason: EvictionReason): void {
    const [entry] = this.entries.splice(index, 1);
    this.evicted.push(`${String(entry?.key)}=${String(entry?.value)} ${reason}`);
  }

  expire(now: number, key: number): void {
    const { idleMs, mayGo } = this.#options;
    const idle = (index: number): boolean => now - (this.entries[index]?.usedAt ?? Infinity) >= idleMs;
    const droppable = (index: number): boolean => idle(index) && mayGo(this.entries[index]?.value ?? 0);
    let left = 2;
    if (idleMs === Infinity) return;
    if (droppable(this.find(key))) {
      this.drop(this.find(key), 'idle');
      left--;
    }
    const goers = this.entries.slice(0, 8).filter((entry, index) => entry.key !== key && droppable(index));
    for (const { key: goer } of goers.slice(0, left)) this.drop(this.find(goer), 'idle');
  }

  use(key: number, now: number, value?: number): number | undefined {
    const [entry] = this.entries.splice(this.find(key), 1);
    if (entry === undefined) return undefined;
    this.entries.push({ ...entry, usedAt: now, value: value ?? entry.value });
    return entry.value;
  }

  set(key: number, value: number, now: number): boolean {
    if (this.find(key) >= 0) {
      this.use(key, now, value);
      return true;
    }
    if (this.entries.length === this.#options.maxSize) {
      const goer = this.entries.slice(0, 8).findIndex((entry) => this.#options.mayGo(entry.value));
      if (goer < 0 && this.#options.refuse) return false;
      this.drop(Math.max(0, goer), 'size');
    }
    this.entries.push({ key, value, usedAt: now });
    return true;
  }
}

test('behaves as a list kept in the order of use', () => {
  const step = fc.record({
    name: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('set' as const, 'get' as const) },
      { weight: 3, arbitrary: fc.constantFrom('peek' as const, 'has' as const, 'delete' as const) },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    ),
    key: fc.nat(24),
    value: fc.nat(9),
    afterMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 25 })),
  });
  const settings = fc.record({
    maxSize: fc.integer({ min: 1, max: 20 }),
    idleMs: fc.constantFrom(Infinity, 5, 20),
    refuse: fc.boolean(),
    mayGo: fc.constantFrom(
      () => true,
      (value: number) => value > 2,
      (value: number) => value > 8,
    ),
  });
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 120 }), (options, steps) => {
      let now = 0;
      const evicted: string[] = [];
      const map = new LruMap<number, number>({
        maxSize: options.maxSize,
        idleMs: options.idleMs,
        evictable: options.mayGo,
        whenFull: options.refuse ? 'refuse' : 'evict',
        onEvict: (value, key, reason) => evicted.push(`${key}=${value} ${reason}`),
        clock: { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) },
      });
      const naive = new NaiveLru(options);
      for (const { name, key, value, afterMs } of steps) {
        now += afterMs;
        if (name === 'clear') {
          map.clear();
          naive.entries = [];
        } else if (name === 'delete') {
          const index = naive.find(key);
          if (index >= 0) naive.entries.splice(index, 1);
          expect(map.delete(key)).toBe(index >= 0);
          naive.expire(now, key);
        } else {
          naive.expire(now, key);
          const index = naive.find(key);
          if (name === 'set') expect(map.set(key, value)).toBe(naive.set(key, value, now));
          else if (name === 'has') expect(map.has(key)).toBe(index >= 0);
          else if (name === 'peek') expect(map.peek(key)).toBe(naive.entries[index]?.value);
          else expect(map.get(key)).toBe(index < 0 ? undefined : naive.use(key, now));
        }
        expect(map.size).toBe(naive.entries.length);
        expect(map.size).toBeLessThanOrEqual(options.maxSize);
        expect(evicted.length).toBe(naive.evicted.length);
      }
      expect(evicted).toEqual(naive.evicted);
      expect([...map]).toEqual(naive.entries.map((entry) => [entry.key, entry.value]));
    }),
    { numRuns: 1500 },
  );
});
