import { getEventListeners } from 'node:events';
import { withCancel, type Clock } from '@patterns/context';
import { WaitQueue } from '@patterns/structures';
import fc from 'fast-check';

/** Time that passes only when told, without turns of the event loop between. */
class ManualClock implements Clock {
  timers: { readonly dueMs: number; readonly fn: () => void }[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): Disposable {
    const timer = { dueMs: this.#now + ms, fn };
    this.timers.push(timer);
    return {
      [Symbol.dispose]: () => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    };
  }

  advance(ms: number): void {
    const target = this.#now + ms;
    for (;;) {
      const [next] = this.timers.filter(({ dueMs }) => dueMs <= target).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#now = next.dueMs;
      this.timers = this.timers.filter((other) => other !== next);
      next.fn();
    }
    this.#now = target;
  }
}

interface Waiting {
  readonly id: number;
  readonly source: number | undefined;
  readonly sinceMs: number;
  readonly dueMs: number;
}

/** The rules over a plain list, without promises, listeners and timers. */
class NaiveQueue {
  list: Waiting[] = [];
  readonly outcomes = new Map<number, string>();
  readonly ended = new Set<number>();
  headsLeft = 0;
  nowMs = 0;
  readonly #maxWaiters: number;
  readonly #servesNext: boolean;

  constructor(maxWaiters: number, servesNext: boolean) {
    this.#maxWaiters = maxWaiters;
    this.#servesNext = servesNext;
  }

  wait(id: number, source: number | undefined, maxWaitMs: number, atLeastMs: number): void {
    if (source !== undefined && this.ended.has(source)) this.outcomes.set(id, `ended ${source}`);
    else if (maxWaitMs === 0 || atLeastMs > maxWaitMs) this.outcomes.set(id, 'max-wait 0');
    else if (this.list.length >= this.#maxWaiters) this.outcomes.set(id, 'queue-full 0');
    else this.list.push({ id, source, sinceMs: this.nowMs, dueMs: this.nowMs + maxWaitMs });
  }

  settle(waiting: Waiting | undefined, outcome: string): boolean {
    if (waiting === undefined) return false;
    this.list = this.list.filter((other) => other !== waiting);
    this.outcomes.set(waiting.id, outcome);
    return true;
  }

  leave(waiting: Waiting, outcome: string): void {
    const wasHead = this.list[0] === waiting;
    this.settle(waiting, outcome);
    if (!wasHead) return;
    this.headsLeft++;
    if (this.#servesNext) this.settle(this.list[0], 'granted');
  }

  end(source: number): void {
    if (this.ended.has(source)) return;
    this.ended.add(source);
    for (const waiting of this.list.filter((other) => other.source === source)) {
      if (this.list.includes(waiting)) this.leave(waiting, `ended ${source}`);
    }
  }

  advance(ms: number): void {
    const target = this.nowMs + ms;
    for (;;) {
      const [next] = this.list.filter(({ dueMs }) => dueMs <= target).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.nowMs = next.dueMs;
      this.leave(next, `max-wait ${next.dueMs - next.sinceMs}`);
    }
    this.nowMs = target;
  }
}

const CONTEXTS = 3;
const SIGNALS = 2;

const step = fc.record({
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constant('wait' as const) },
    { weight: 4, arbitrary: fc.constantFrom('serve' as const, 'serveLast' as const, 'reject' as const) },
    { weight: 2, arbitrary: fc.constant('advance' as const) },
    { weight: 2, arbitrary: fc.constantFrom('end' as const, 'rejectAll' as const) },
  ),
  source: fc.nat(CONTEXTS + SIGNALS - 1),
  hasSource: fc.boolean(),
  maxWaitMs: fc.oneof(fc.constant(Infinity), fc.nat(20)),
  atLeastMs: fc.oneof(fc.constant(0), fc.nat(20)),
  advanceMs: fc.nat(15),
});

// A thousand queues of forty steps: seconds, on a busy machine.
jest.setTimeout(60_000);

test('settles whom a plain list would settle, with the same outcome, and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom(Infinity, 0, 3, 10),
      fc.boolean(),
      async (steps, maxWaiters, servesNext) => {
        const clock = new ManualClock();
        const naive = new NaiveQueue(maxWaiters, servesNext);
        const outcomes = new Map<number, string>();
        let headsLeft = 0;
        const queue = new WaitQueue<string, number>({
          refuse: (reason, _tag, waitedMs) => `${reason} ${waitedMs}`,
          maxWaiters,
          clock,
          onHeadLeft: () => {
            headsLeft++;
            if (servesNext) queue.serve('granted');
          },
        });
        const root = withCancel();
        const contexts = Array.from({ length: CONTEXTS }, () => withCancel(root));
        const controllers = Array.from({ length: SIGNALS }, () => new AbortController());
        const signals = [...contexts, ...controllers.map((controller) => controller.signal)];
        const settlers: Promise<void>[] = [];

        for (const { name, source, hasSource, maxWaitMs, atLeastMs, advanceMs } of steps) {
          if (name === 'wait') {
            const id = settlers.length;
            naive.wait(id, hasSource ? source : undefined, maxWaitMs, atLeastMs);
            settlers.push(
              queue.wait(id, { signal: hasSource ? signals[source] : undefined, maxWaitMs, atLeastMs }).then(
                (value) => void outcomes.set(id, value),
                (error: unknown) => void outcomes.set(id, String(error)),
              ),
            );
          } else if (name === 'serve') {
            expect(queue.serve('served')).toBe(naive.settle(naive.list[0], 'served'));
          } else if (name === 'serveLast') {
            expect(queue.serveLast('last')).toBe(naive.settle(naive.list.at(-1), 'last'));
          } else if (name === 'reject') {
            expect(queue.reject('rejected')).toBe(naive.settle(naive.list[0], 'rejected'));
          } else if (name === 'rejectAll') {
            const expected = [...naive.list];
            for (const waiting of expected) naive.settle(waiting, `closed ${waiting.id}`);
            expect(queue.rejectAll((tag) => `closed ${tag}`)).toBe(expected.length);
          } else if (name === 'end') {
            naive.end(source);
            contexts[source]?.cancel(`ended ${source}`);
            controllers[source - CONTEXTS]?.abort(`ended ${source}`);
          } else {
            naive.advance(advanceMs);
            clock.advance(advanceMs);
          }
          const [head] = naive.list;
          expect({
            head: queue.head(),
            size: queue.size,
            headsLeft,
            timers: clock.timers.length,
            listening: controllers.map(({ signal }) => getEventListeners(signal, 'abort').length > 0),
          }).toEqual({
            head: head && { tag: head.id, sinceMs: head.sinceMs },
            size: naive.list.length,
            headsLeft: naive.headsLeft,
            timers: naive.list.filter(({ dueMs }) => dueMs !== Infinity).length,
            listening: controllers.map((_, index) => naive.list.some((waiting) => waiting.source === CONTEXTS + index)),
          });
        }
        queue.rejectAll(() => 'closed at last');
        for (const waiting of [...naive.list]) naive.settle(waiting, 'closed at last');
        await Promise.all(settlers);
        expect(outcomes).toEqual(naive.outcomes);
        expect(outcomes.size).toBe(settlers.length);
        expect(clock.timers).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
});
