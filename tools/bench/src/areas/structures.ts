import { BinaryHeap, LogHistogram, LruMap, RingBuffer, WaitQueue } from '@patterns/structures';
import Denque from 'denque';
import { build } from 'hdr-histogram-js';
import { LRUCache } from 'lru-cache';
import TinyQueue from 'tinyqueue';
import YoctoQueue from 'yocto-queue';

import { area, retains, row } from '../area.ts';
import { staged } from '../contender.ts';
import { fasterThan, noTarget, ratio } from '../target.ts';

/** Numbers that look random and are the same in each run. */
const scattered = (index: number) => (index * 7919) % 100_003;
const ascending = (a: number, b: number) => a - b;

// --- A queue of eight ---

interface Queue {
  push(value: number): unknown;
  shift(): unknown;
}

/** A power of two, and nobody who asks for more. */
class LimitRing implements Queue {
  readonly #slots: (number | undefined)[];
  readonly #mask: number;
  #head = 0;
  #tail = 0;
  constructor(capacity: number) {
    this.#slots = new Array<number | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
  }
  push(value: number): void {
    this.#slots[this.#tail++ & this.#mask] = value;
  }
  shift(): number | undefined {
    const at = this.#head++ & this.#mask;
    const value = this.#slots[at];
    this.#slots[at] = undefined;
    return value;
  }
}

const ring = new RingBuffer<number>();
const limitRing = new LimitRing(16);
const denque = new Denque<number>();
const yocto = new YoctoQueue<number>();
for (let i = 0; i < 8; i++) {
  ring.pushBack(i);
  limitRing.push(i);
  denque.push(i);
  yocto.enqueue(i);
}

/** Fills a new one with so many and drains it. */
function fillAndDrain<Q>(
  count: number,
  make: () => Q,
  push: (queue: Q, value: number) => void,
  pop: (queue: Q) => void,
) {
  return staged({
    per: count,
    prepare: make,
    run: (queue) => {
      for (let i = 0; i < count; i++) push(queue, scattered(i));
      for (let i = 0; i < count; i++) pop(queue);
    },
  });
}

// --- A map of 100 000 keys that is full ---

const keys = Array.from({ length: 200_000 }, (_, index) => `user:${String(index)}`);
const lru = new LruMap<string, number>({ maxSize: 100_000 });
const lruCache = new LRUCache<string, number>({ max: 100_000 });
const limitMap = new Map<string, number>();
for (let i = 0; i < 100_000; i++) {
  const key = keys[i] as string;
  lru.set(key, i);
  lruCache.set(key, i);
  limitMap.set(key, i);
}

function inTurn(count: number, use: (key: string, index: number) => unknown) {
  let index = 0;
  return () => {
    index = index + 1 === count ? 0 : index + 1;
    return use(keys[index] as string, index);
  };
}

/** To the end of the order that a Map keeps anyway. */
function touch(key: string): number | undefined {
  const value = limitMap.get(key);
  if (value === undefined) return undefined;
  limitMap.delete(key);
  limitMap.set(key, value);
  return value;
}

/** The reads have left the first keys behind. */
let first: IterableIterator<string> = limitMap.keys();
function put(key: string, value: number): void {
  if (!limitMap.delete(key) && limitMap.size === 100_000) {
    let oldest = first.next();
    if (oldest.done === true) {
      first = limitMap.keys();
      oldest = first.next();
    }
    limitMap.delete(oldest.value as string);
  }
  limitMap.set(key, value);
}

/** Made while it is measured: some take all their memory in the constructor. */
function fillMap<M>(make: () => M, set: (map: M, key: string, value: number) => void) {
  return staged({
    per: 100_000,
    prepare: (): { map?: M } => ({}),
    run: (kept) => {
      const map = (kept.map = make());
      for (let i = 0; i < 100_000; i++) set(map, keys[i] as string, i);
    },
  });
}

// --- A histogram ---

const histogram = new LogHistogram();
const hdr = build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000, numberOfSignificantValueDigits: 2 });
let sample = 0;
const nextSample = () => (sample = (sample + 7919) % 30_000) + 1;

// --- A thousand who wait ---

interface LimitWaiter {
  readonly resolve: () => void;
  next: LimitWaiter | undefined;
}

/** A linked list of promises that nobody can leave. */
class LimitWaitQueue {
  #head: LimitWaiter | undefined;
  #tail: LimitWaiter | undefined;
  wait(): Promise<void> {
    return new Promise((resolve) => {
      const waiter = { resolve, next: undefined };
      if (this.#tail === undefined) this.#head = waiter;
      else this.#tail.next = waiter;
      this.#tail = waiter;
    });
  }
  serve(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = head.next;
    if (this.#head === undefined) this.#tail = undefined;
    head.resolve();
  }
}

function waitAndServe(queue: { wait(): Promise<void>; serve(): unknown }) {
  return staged({
    per: 1000,
    run: async () => {
      let last: Promise<void> | undefined;
      for (let i = 0; i < 1000; i++) last = queue.wait();
      for (let i = 0; i < 1000; i++) queue.serve();
      await last;
    },
  });
}

const waitQueue = new WaitQueue<undefined>({ refuse: (reason) => new Error(reason), timed: false });
const timedWaitQueue = new WaitQueue<undefined>({ refuse: (reason) => new Error(reason) });

export default area('structures', [
  row({
    work: 'queue of 8: push and shift',
    limit: () => {
      limitRing.push(1);
      return limitRing.shift();
    },
    ours: () => {
      ring.pushBack(1);
      return ring.popFront();
    },
    peers: {
      denque: () => {
        denque.push(1);
        return denque.shift();
      },
      'yocto-queue': () => {
        yocto.enqueue(1);
        return yocto.dequeue();
      },
    },
    target: fasterThan('yocto-queue'),
  }),
  row({
    work: 'queue: fill with 100 000 and drain, each',
    limit: fillAndDrain(
      100_000,
      () => new LimitRing(131_072),
      (queue, value) => {
        queue.push(value);
      },
      (queue) => queue.shift(),
    ),
    ours: fillAndDrain(
      100_000,
      () => new RingBuffer<number>(),
      (queue, value) => queue.pushBack(value),
      (queue) => queue.popFront(),
    ),
    peers: {
      denque: fillAndDrain(
        100_000,
        () => new Denque<number>(),
        (queue, value) => queue.push(value),
        (queue) => queue.shift(),
      ),
      'yocto-queue': fillAndDrain(
        100_000,
        () => new YoctoQueue<number>(),
        (queue, value) => {
          queue.enqueue(value);
        },
        (queue) => queue.dequeue(),
      ),
    },
    target: fasterThan('yocto-queue'),
  }),
  row({
    work: 'heap: push 10 000 in random order and pop them, each',
    ours: fillAndDrain(
      10_000,
      () => new BinaryHeap<number>(ascending),
      (heap, value) => heap.push(value),
      (heap) => heap.pop(),
    ),
    peers: {
      'tinyqueue, no order among equals, no removal': fillAndDrain(
        10_000,
        () => new TinyQueue<number>([], ascending),
        (heap, value) => {
          heap.push(value);
        },
        (heap) => heap.pop(),
      ),
    },
  }),
  row({
    work: 'LRU map of 100 000: get in turn',
    limit: inTurn(100_000, touch),
    ours: inTurn(100_000, (key) => lru.get(key)),
    peers: { 'lru-cache': inTurn(100_000, (key) => lruCache.get(key)) },
  }),
  row({
    work: 'LRU map of 100 000: set that evicts',
    limit: inTurn(200_000, put),
    ours: inTurn(200_000, (key, index) => lru.set(key, index)),
    peers: { 'lru-cache': inTurn(200_000, (key, index) => lruCache.set(key, index)) },
  }),
  row({
    work: 'histogram: record',
    ours: () => {
      histogram.record(nextSample());
    },
    peers: {
      'hdr-histogram-js, two digits': () => {
        hdr.recordValue(nextSample());
      },
    },
    target: noTarget,
  }),
  row({
    work: '1 000 wait and are served, each',
    limit: waitAndServe(new LimitWaitQueue()),
    ours: waitAndServe({ wait: () => waitQueue.wait(undefined), serve: () => waitQueue.serve(undefined) }),
    peers: {
      'noting when each came': waitAndServe({
        wait: () => timedWaitQueue.wait(undefined),
        serve: () => timedWaitQueue.serve(undefined),
      }),
    },
    target: ratio(1.5),
  }),
  retains({
    work: 'LRU map, an entry',
    limit: fillMap(
      () => new Map<string, number>(),
      (map, key, value) => map.set(key, value),
    ),
    ours: fillMap(
      () => new LruMap<string, number>({ maxSize: 100_000 }),
      (map, key, value) => map.set(key, value),
    ),
    peers: {
      'lru-cache': fillMap(
        () => new LRUCache<string, number>({ max: 100_000 }),
        (map, key, value) => map.set(key, value),
      ),
    },
  }),
]);
