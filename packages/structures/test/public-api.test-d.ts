import type { Clock, WaitOptions } from '@patterns/context';
import {
  BinaryHeap,
  LogHistogram,
  LruMap,
  RecencyList,
  RingBuffer,
  WaitQueue,
  type DurationSummary,
  type EvictionReason,
  type HeapEntry,
  type LruMapOptions,
  type QueuedWaiter,
  type RingBufferOptions,
  type WaitQueueOptions,
  type WaitQueueWaitOptions,
  type WaitRefusal,
} from '@patterns/structures';
import { expectTypeOf } from 'expect-type';

declare const controller: AbortController;
declare const clock: Clock;

class Refused extends Error {
  readonly details: unknown;
  constructor(details?: unknown) {
    super('refused');
    this.details = details;
  }
}

// --- RingBuffer ---
{
  const ring = new RingBuffer<number | undefined>({ capacity: 2 });
  if (!ring.pushBack(undefined)) {
    ring.popFront();
    ring.pushBack(1);
  }
  expectTypeOf(ring.at(-1)).toEqualTypeOf<number | undefined>();
  for (const value of ring) expectTypeOf(value).toEqualTypeOf<number | undefined>();
  expectTypeOf(ring.pushFront(1)).toEqualTypeOf<boolean>();
  expectTypeOf(ring.popBack()).toEqualTypeOf<number | undefined>();
  expectTypeOf(ring.capacity).toEqualTypeOf<number>();
  expectTypeOf(ring.length).toEqualTypeOf<number>();
  expectTypeOf(ring).toExtend<Iterable<number | undefined>>();
  expectTypeOf(ring[Symbol.iterator]()).toEqualTypeOf<IterableIterator<number | undefined>>();
  expectTypeOf<RingBufferOptions>().toEqualTypeOf<{ readonly capacity?: number | undefined }>();
  new RingBuffer();
  new RingBuffer({ capacity: undefined });
  // @ts-expect-error TS2345: holds what it was made for
  ring.pushBack('text');
  // @ts-expect-error TS2540: the bound is fixed
  ring.capacity = 3;
  // @ts-expect-error TS2353: there is no such option
  new RingBuffer({ size: 3 });
}

// --- WaitQueue ---
{
  // A weighted semaphore in ten lines: the tag is how many permits the waiter wants.
  let free = 3;
  const waiting = new WaitQueue<void, number>({
    maxWaiters: 1_000,
    onHeadLeft: grant,
    refuse: (reason, permits, waitedMs) => {
      expectTypeOf(reason).toEqualTypeOf<WaitRefusal>();
      expectTypeOf(permits).toEqualTypeOf<number>();
      expectTypeOf(waitedMs).toEqualTypeOf<number>();
      return new Refused({ reason, permits, waitedMs });
    },
  });
  function grant(): void {
    for (let head = waiting.head(); head && head.tag <= free; head = waiting.head()) {
      free -= head.tag;
      waiting.serve();
    }
  }
  expectTypeOf(waiting.head()).toEqualTypeOf<QueuedWaiter<number> | undefined>();
  expectTypeOf<QueuedWaiter<number>>().toEqualTypeOf<{ readonly tag: number; readonly sinceMs: number }>();
  expectTypeOf(waiting.wait(2, { signal: controller.signal, maxWaitMs: 100, atLeastMs: 20 })).toEqualTypeOf<
    Promise<void>
  >();
  expectTypeOf(waiting.rejectAll((permits) => new Refused(permits.toFixed()))).toEqualTypeOf<number>();
  expectTypeOf(waiting.serve()).toEqualTypeOf<boolean>();
  expectTypeOf(waiting.serveLast()).toEqualTypeOf<boolean>();
  expectTypeOf(waiting.reject(new Refused())).toEqualTypeOf<boolean>();
  // @ts-expect-error TS2345: the tag is part of the wait
  void waiting.wait({ signal: controller.signal });
  // @ts-expect-error TS2345: a refusal needs an error of its own
  new WaitQueue<void>({});

  const values = new WaitQueue<string>({ refuse: () => new Refused(), clock, timed: false });
  expectTypeOf(values.wait(undefined)).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error TS2345: served with what waiters wait for
  values.serve(1);
  // @ts-expect-error TS2554: and with nothing less
  values.serve();
  // @ts-expect-error TS2540: only the queue changes its size
  values.size = 0;

  expectTypeOf<WaitQueueWaitOptions>().toExtend<WaitOptions>();
  expectTypeOf<WaitQueueOptions<number>>().toHaveProperty('maxWaiters').toEqualTypeOf<number | undefined>();
  expectTypeOf<WaitRefusal>().toEqualTypeOf<'queue-full' | 'deadline' | 'max-wait'>();
  void values.wait(undefined, { signal: undefined, maxWaitMs: undefined, atLeastMs: undefined });
  // @ts-expect-error TS2322: null is no signal
  void values.wait(undefined, { signal: null });
}

// --- BinaryHeap ---
{
  const heap = new BinaryHeap<{ priority: number }>((x, y) => y.priority - x.priority);
  const entry: HeapEntry<{ priority: number }> = heap.push({ priority: 1 });
  entry.value.priority = 5;
  heap.update(entry);
  expectTypeOf(heap.delete(entry)).toEqualTypeOf<boolean>();
  expectTypeOf(heap.pop()?.priority).toEqualTypeOf<number | undefined>();
  expectTypeOf(heap.peek()).toEqualTypeOf<{ priority: number } | undefined>();
  expectTypeOf(heap.size).toEqualTypeOf<number>();
  // @ts-expect-error TS2540: another value is another entry
  entry.value = { priority: 1 };
  // @ts-expect-error TS2554: there is no order to assume
  new BinaryHeap<number>();
  // @ts-expect-error TS2345: a value is no handle
  heap.delete({ priority: 5 });
}

// --- LruMap ---
{
  const sessions = new LruMap<string, { readonly name: string; readonly state: 'open' | 'closed' }>({
    maxSize: 100,
    idleMs: 60_000,
    evictable: (session) => session.state === 'closed',
    whenFull: 'refuse',
    clock,
    onEvict: (session, key, reason) => {
      expectTypeOf(reason).toEqualTypeOf<EvictionReason>();
      expectTypeOf(key).toEqualTypeOf<string>();
      expectTypeOf(session.name).toEqualTypeOf<string>();
    },
  });
  if (!sessions.set('a', { name: 'a', state: 'open' })) throw new Refused();
  expectTypeOf(sessions.peek('a')?.state).toEqualTypeOf<'open' | 'closed' | undefined>();
  expectTypeOf(sessions.get('a')?.state).toEqualTypeOf<'open' | 'closed' | undefined>();
  expectTypeOf(sessions.has('a')).toEqualTypeOf<boolean>();
  expectTypeOf(sessions.delete('a')).toEqualTypeOf<boolean>();
  for (const [key, session] of sessions) {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(session.state).toEqualTypeOf<'open' | 'closed'>();
  }
  expectTypeOf<EvictionReason>().toEqualTypeOf<'size' | 'idle'>();
  expectTypeOf<LruMapOptions<string, number>>().toHaveProperty('maxSize').toEqualTypeOf<number>();
  new LruMap({ maxSize: 1, idleMs: undefined, evictable: undefined, whenFull: undefined, onEvict: undefined });
  // @ts-expect-error TS2345: the bound has no default
  new LruMap<string, number>({ idleMs: 5 });
  // @ts-expect-error TS2345: keys are strings here
  sessions.get(1);
  // @ts-expect-error TS2322: one of two words
  new LruMap<string, number>({ maxSize: 1, whenFull: 'drop' });
}

// --- RecencyList ---
{
  const recency = new RecencyList(5);
  expectTypeOf(recency.add()).toEqualTypeOf<number>();
  expectTypeOf(recency.newerThan(recency.oldest)).toEqualTypeOf<number>();
  recency.touch(1);
  recency.remove(1);
  // @ts-expect-error TS2540: a result of use
  recency.oldest = 1;
}

// --- LogHistogram ---
{
  const histogram = new LogHistogram();
  histogram.record(1.5);
  histogram.merge(new LogHistogram());
  const summary: DurationSummary = histogram.summary();
  expectTypeOf(summary).toEqualTypeOf<{
    readonly count: number;
    readonly mean: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  }>();
  expectTypeOf(histogram.percentile(95)).toEqualTypeOf<number>();
  expectTypeOf(histogram.count).toEqualTypeOf<number>();
  histogram.reset();
  // @ts-expect-error TS2345: a histogram is merged with a histogram
  histogram.merge(1);
  // @ts-expect-error TS2540: counted by recording
  histogram.count = 0;
}
