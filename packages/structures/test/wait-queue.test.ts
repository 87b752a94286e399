import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { failOnLeaks, recordDiagnostics, track } from '@patterns-tools/test-kit';
import {
  withCancel,
  withDeadline,
  withTimeout,
  type Clock,
  type Context,
  type ListenerErrorMessage,
} from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { WaitQueue, type WaitQueueOptions, type WaitQueueWaitOptions, type WaitRefusal } from '@patterns/structures';

failOnLeaks();

class Refusal {
  readonly reason: WaitRefusal;
  readonly tag: unknown;
  readonly waitedMs: number;
  constructor(reason: WaitRefusal, tag: unknown, waitedMs: number) {
    this.reason = reason;
    this.tag = tag;
    this.waitedMs = waitedMs;
  }
}

const clock = new VirtualClock();
afterEach(() => {
  expect(clock.pending).toBe(0);
});

/** A queue of strings whose waiters write their outcome, in order, into `log`. */
const setUp = (options: Partial<WaitQueueOptions<string>> = {}) => {
  const log: string[] = [];
  const queue = new WaitQueue<string, string>({
    refuse: (reason, tag, waitedMs) => new Refusal(reason, tag, waitedMs),
    onHeadLeft: () => log.push('head left'),
    clock,
    ...options,
  });
  const wait = (tag: string, waitOptions?: WaitQueueWaitOptions): void => {
    void track(
      queue.wait(tag, waitOptions).then(
        (value) => log.push(`${tag} got ${value}`),
        (error: unknown) =>
          log.push(
            error instanceof Refusal
              ? `${tag} refused: ${error.reason} of ${String(error.tag)} after ${error.waitedMs}`
              : `${tag} failed: ${String(error)}`,
          ),
      ),
      tag,
    );
  };
  /** What has been written since the last time. */
  const news = async (): Promise<string[]> => {
    await clock.advance(0);
    return log.splice(0);
  };
  return { queue, wait, log, news };
};

describe('serving', () => {
  test('is first in, first out', async () => {
    const { queue, wait, news } = setUp();
    for (const tag of 'abc') wait(tag);
    expect([queue.size, queue.head()?.tag]).toEqual([3, 'a']);
    expect([queue.serve('1'), queue.serve('2'), queue.serve('3'), queue.serve('4')]).toEqual([true, true, true, false]);
    expect(queue.size).toBe(0);
    expect(queue.head()).toBeUndefined();
    expect(await news()).toEqual(['a got 1', 'b got 2', 'c got 3']);
  });

  test('can take the youngest first', async () => {
    const { queue, wait, news } = setUp();
    for (const tag of 'abc') wait(tag);
    expect([queue.serveLast('1'), queue.serve('2'), queue.serveLast('3'), queue.serveLast('4')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(await news()).toEqual(['c got 1', 'a got 2', 'b got 3']);
  });

  test('says who is next, and since when', async () => {
    const { queue, wait, news } = setUp();
    await clock.advance(5);
    const now = clock.now();
    wait('a');
    await clock.advance(5);
    wait('b');
    expect(queue.head()).toEqual({ tag: 'a', sinceMs: now });
    queue.serve('1');
    expect(queue.head()).toEqual({ tag: 'b', sinceMs: now + 5 });
    queue.serve('2');
    await news();
  });

  test('reads the clock only where a wait is limited, if it is not to note when waiters come', async () => {
    const now = jest.spyOn(clock, 'now');
    const { queue, wait, news } = setUp({ timed: false });
    wait('a');
    expect(now).not.toHaveBeenCalled();
    expect(queue.head()).toEqual({ tag: 'a', sinceMs: NaN });
    wait('b', { maxWaitMs: 10 });
    await clock.advance(10);
    queue.serve('1');
    now.mockRestore();
    expect(await news()).toEqual(['b refused: max-wait of b after 10', 'a got 1']);
  });

  test('rejects the head alone, without calling onHeadLeft', async () => {
    const { queue, wait, news } = setUp();
    wait('a');
    wait('b');
    expect(queue.reject('no')).toBe(true);
    expect(queue.size).toBe(1);
    queue.serve('1');
    expect(queue.reject('no')).toBe(false);
    expect(await news()).toEqual(['a failed: no', 'b got 1']);
  });

  test('waits for a promise it is served with', async () => {
    const queue = new WaitQueue<Promise<number> | number>({ refuse: () => 'refused' });
    const waiting = queue.wait(undefined);
    queue.serve(Promise.resolve(7));
    expect(await waiting).toBe(7);
  });

  test('wins over a signal that ends before the waiter runs on', async () => {
    const { queue, wait, news } = setUp();
    const controller = new AbortController();
    using ctx = withCancel();
    wait('a', { signal: controller.signal });
    wait('b', { signal: ctx, maxWaitMs: 10 });
    queue.serve('1');
    queue.serve('2');
    controller.abort();
    ctx.cancel();
    await clock.advance(20);
    expect(await news()).toEqual(['a got 1', 'b got 2']);
  });
});

describe('looking along the queue', () => {
  it('tells the tags of all who wait, front to back', async () => {
    const { queue, wait, news } = setUp();
    expect([...queue.tags()]).toEqual([]);
    for (const tag of ['a', 'b', 'c']) wait(tag);
    expect([...queue.tags()]).toEqual(['a', 'b', 'c']);
    queue.serve('1');
    queue.serveLast('3');
    expect([...queue.tags()]).toEqual(['b']);
    queue.serve('2');
    expect([...queue.tags()]).toEqual([]);
    await news();
  });

  it('ends where the one it stands at has left meanwhile', async () => {
    const { queue, wait, news } = setUp();
    for (const tag of ['a', 'b']) wait(tag);
    const seen = [];
    for (const tag of queue.tags()) {
      seen.push(tag);
      queue.serve('1');
    }
    expect(seen).toEqual(['a']);
    queue.serve('2');
    await news();
  });
});

describe('rejecting all', () => {
  test('gives each an error of its own, and says how many there were', async () => {
    const queue = new WaitQueue<void, string>({ refuse: () => 'refused' });
    const errors = Promise.all(Array.from('abc').map((tag) => queue.wait(tag).catch((error: unknown) => error)));
    expect(queue.rejectAll((tag) => new Error(tag))).toBe(3);
    expect(queue.rejectAll((tag) => new Error(`${tag} again`))).toBe(0);
    expect(await errors).toEqual([new Error('a'), new Error('b'), new Error('c')]);
    expect(new Set(await errors).size).toBe(3);
  });

  test('has emptied the queue, and left all signals, before it makes the first error', async () => {
    const { queue, wait, news } = setUp();
    const controller = new AbortController();
    wait('a');
    wait('b', { signal: controller.signal, maxWaitMs: 10 });
    const seen: unknown[] = [];
    queue.rejectAll((tag) => {
      seen.push([
        queue.size,
        queue.head(),
        queue.serve('x'),
        clock.pending,
        getEventListeners(controller.signal, 'abort').length,
      ]);
      controller.abort();
      if (tag === 'a') wait('c');
      return `closed ${tag}`;
    });
    expect(seen[0]).toEqual([0, undefined, false, 0, 0]);
    // c came while the first error was made, and was served while the second one was.
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['a failed: closed a', 'c got x', 'b failed: closed b']);
  });

  test('leaves those in peace who come meanwhile', async () => {
    const { queue, wait, news } = setUp();
    wait('a');
    wait('b');
    expect(
      queue.rejectAll((tag) => {
        wait(`${tag}2`);
        return 'closed';
      }),
    ).toBe(2);
    expect(queue.size).toBe(2);
    queue.serve('1');
    queue.serve('2');
    expect(await news()).toEqual(['a failed: closed', 'b failed: closed', 'a2 got 1', 'b2 got 2']);
  });

  test('rejects with what is thrown instead of an error made', async () => {
    const { queue, wait, news } = setUp();
    for (const tag of 'abc') wait(tag);
    expect(
      queue.rejectAll((tag) => {
        if (tag === 'b') throw new RangeError('thrown');
        return 'closed';
      }),
    ).toBe(3);
    expect(await news()).toEqual(['a failed: closed', 'b failed: RangeError: thrown', 'c failed: closed']);
  });
});

describe('a signal', () => {
  const reason = { why: 'custom' };
  const endings: [string, () => { signal: AbortSignal | Context; end: () => void }][] = [
    [
      'an AbortSignal',
      () => {
        const controller = new AbortController();
        return {
          signal: controller.signal,
          end: () => {
            controller.abort(reason);
          },
        };
      },
    ],
    [
      'a context',
      () => {
        const ctx = withCancel();
        return {
          signal: ctx,
          end: () => {
            ctx.cancel(reason);
          },
        };
      },
    ],
    [
      'a child of a context',
      () => {
        const parent = withCancel();
        return {
          signal: withCancel(parent),
          end: () => {
            parent.cancel(reason);
          },
        };
      },
    ],
    [
      'a context made by hand',
      () => {
        const controller = new AbortController();
        const { signal } = controller;
        const byHand: Context = {
          signal,
          deadline: undefined,
          get done() {
            return signal.aborted;
          },
          err: undefined,
          get cause() {
            return signal.reason as unknown;
          },
          remaining: () => Infinity,
          value: (key) => key.defaultValue,
          throwIfDone: () => {
            signal.throwIfAborted();
          },
        };
        return {
          signal: byHand,
          end: () => {
            controller.abort(reason);
          },
        };
      },
    ],
  ];

  describe.each(endings)('that is %s', (_name, make) => {
    test('ends the wait with its reason, untouched', async () => {
      const { queue } = setUp();
      const { signal, end } = make();
      const waiting = queue.wait('a', { signal });
      end();
      expect(queue.size).toBe(0);
      await expect(waiting).rejects.toBe(reason);
    });

    test('that has ended before keeps the wait from beginning', async () => {
      const refuse = jest.fn();
      const { queue } = setUp({ refuse, maxWaiters: 0 });
      const { signal, end } = make();
      end();
      await expect(queue.wait('a', { signal, maxWaitMs: 0 })).rejects.toBe(reason);
      expect(queue.size).toBe(0);
      expect(refuse).not.toHaveBeenCalled();
    });

    test('takes any waiter out of its place', async () => {
      for (const place of [0, 1, 2, 3]) {
        const { queue, wait, news } = setUp();
        const { signal, end } = make();
        for (const [index, tag] of Array.from('abcd').entries()) wait(tag, index === place ? { signal } : undefined);
        end();
        expect(queue.size).toBe(3);
        while (queue.serve('x'));
        const left = Array.from('abcd')
          .filter((_tag, index) => index !== place)
          .map((tag) => `${tag} got x`);
        const gone = `${'abcd'.charAt(place)} failed: [object Object]`;
        expect((await news()).sort()).toEqual([gone, ...left, ...(place === 0 ? ['head left'] : [])].sort());
      }
    });

    test('is left in peace however the wait ends', async () => {
      const { queue, wait, news } = setUp();
      const { signal } = make();
      for (const tag of 'abcde') wait(tag, { signal, maxWaitMs: 10 });
      queue.serve('1');
      queue.serveLast('2');
      queue.reject('3');
      await clock.advance(10);
      wait('f', { signal });
      queue.rejectAll(() => '4');
      expect((await news()).filter((line) => line !== 'head left')).toHaveLength(6);
      expect(getEventListeners(signal instanceof AbortSignal ? signal : signal.signal, 'abort')).toEqual([]);
    });
  });

  test.each([[null], [0], ['']])('may end with %p', async (falsy) => {
    const { queue } = setUp();
    const controller = new AbortController();
    const waiting = queue.wait('a', { signal: controller.signal });
    controller.abort(falsy);
    await expect(waiting).rejects.toBe(falsy);
    await expect(queue.wait('b', { signal: controller.signal })).rejects.toBe(falsy);
  });

  test('of many waiters takes them all, each as the head of the rest', async () => {
    const { queue, wait, news } = setUp();
    using ctx = withCancel();
    for (const tag of 'abc') wait(tag, { signal: ctx });
    ctx.cancel('gone');
    expect(queue.size).toBe(0);
    expect(await news()).toEqual([
      'head left',
      'head left',
      'head left',
      'a failed: gone',
      'b failed: gone',
      'c failed: gone',
    ]);
  });
});

describe('a deadline', () => {
  test('that has not passed ends the wait through its context', async () => {
    const { queue } = setUp();
    using ctx = withTimeout(undefined, 10, { clock });
    const waiting = queue.wait('a', { signal: ctx });
    const outcome = expect(waiting).rejects.toMatchObject({ name: 'TimeoutError', code: 'ERR_DEADLINE_EXCEEDED' });
    await clock.advance(9);
    expect(queue.size).toBe(1);
    await clock.advance(1);
    await outcome;
  });

  test('that comes before the wait can end is a refusal at once; the same moment is not', async () => {
    const { wait, queue, news } = setUp();
    using ctx = withTimeout(undefined, 10, { clock });
    wait('a', { signal: ctx, atLeastMs: 10.5 });
    wait('b', { signal: ctx, atLeastMs: 10 });
    expect(queue.size).toBe(1);
    await clock.advance(4);
    wait('c', { signal: ctx, atLeastMs: 7 });
    queue.serve('1');
    expect(await news()).toEqual(['a refused: deadline of a after 0', 'c refused: deadline of c after 0', 'b got 1']);
  });

  test('is measured on the clock of its context', async () => {
    const other = new VirtualClock({ now: 1e6 });
    const { wait, queue, news } = setUp();
    using ctx = withDeadline(undefined, 1e6 + 10, { clock: other });
    wait('a', { signal: ctx, atLeastMs: 11 });
    wait('b', { signal: ctx, atLeastMs: 9 });
    queue.serve('1');
    expect(await news()).toEqual(['a refused: deadline of a after 0', 'b got 1']);
  });

  test('that has passed, though its timer is late, is a refusal', async () => {
    let now = 0;
    const late: Clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const { wait, queue, news } = setUp();
    using ctx = withTimeout(undefined, 10, { clock: late });
    now = 11;
    expect(ctx.done).toBe(false);
    wait('a', { signal: ctx });
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['a refused: deadline of a after 0']);
  });
});

describe('the longest wait', () => {
  test('ends it with a refusal that says how long it was', async () => {
    const { wait, queue, news } = setUp();
    await clock.advance(3);
    wait('a', { maxWaitMs: 10 });
    wait('b', { maxWaitMs: 5 });
    expect(clock.pending).toBe(2);
    await clock.advance(9);
    expect(await news()).toEqual(['b refused: max-wait of b after 5']);
    await clock.advance(1);
    expect(await news()).toEqual(['head left', 'a refused: max-wait of a after 10']);
    expect(queue.size).toBe(0);
  });

  test('arms a timer only where there is one', async () => {
    const { wait, queue, news } = setUp();
    wait('a');
    wait('b', { maxWaitMs: Infinity });
    expect(clock.pending).toBe(0);
    wait('c', { maxWaitMs: 1e12 });
    expect(clock.pending).toBe(1);
    queue.serveLast('1');
    expect(clock.pending).toBe(0);
    queue.rejectAll(() => '2');
    await news();
  });

  test('of 0, or one that cannot suffice, is a refusal at once', async () => {
    const { wait, queue, news } = setUp();
    wait('a', { maxWaitMs: 0 });
    wait('b', { maxWaitMs: 10, atLeastMs: 11 });
    wait('c', { maxWaitMs: 10, atLeastMs: 10 });
    expect(queue.size).toBe(1);
    queue.serve('1');
    expect(await news()).toEqual(['a refused: max-wait of a after 0', 'b refused: max-wait of b after 0', 'c got 1']);
  });

  test('is never less than nothing on a clock that goes back', async () => {
    let now = 100;
    let fire = (): void => undefined;
    const back: Clock = {
      now: () => now,
      setTimeout: (fn) => {
        fire = fn;
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const { queue, wait, news } = setUp({ clock: back });
    wait('a', { maxWaitMs: 10 });
    now = 50;
    fire();
    expect(await news()).toEqual(['head left', 'a refused: max-wait of a after 0']);
    // A timer that cannot be cleared may come again.
    fire();
    expect(await news()).toEqual([]);
    expect(queue.size).toBe(0);
  });

  test('works on the system clock, with the timers of the moment', async () => {
    jest.useFakeTimers();
    try {
      const queue = new WaitQueue<void>({ refuse: (reason, _tag, waitedMs) => `${reason} ${waitedMs}` });
      const waiting = expect(queue.wait(undefined, { maxWaitMs: 2 ** 31 + 5 })).rejects.toBe(`max-wait ${2 ** 31 + 5}`);
      await jest.advanceTimersByTimeAsync(2 ** 31 + 4);
      expect(queue.size).toBe(1);
      await jest.advanceTimersByTimeAsync(1);
      await waiting;
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('the bound', () => {
  test('refuses whoever comes to a full queue, until somebody has left', async () => {
    const { wait, queue, news } = setUp({ maxWaiters: 2 });
    for (const tag of 'abc') wait(tag);
    queue.serve('1');
    wait('d');
    queue.rejectAll(() => 'closed');
    expect(await news()).toEqual([
      'c refused: queue-full of c after 0',
      'a got 1',
      'b failed: closed',
      'd failed: closed',
    ]);
  });

  test('of 0 refuses everybody', async () => {
    const { wait, news } = setUp({ maxWaiters: 0 });
    wait('a');
    expect(await news()).toEqual(['a refused: queue-full of a after 0']);
  });

  test('is the last of the reasons, the deadline the first', async () => {
    const { wait, news } = setUp({ maxWaiters: 0 });
    using ctx = withTimeout(undefined, 10, { clock });
    wait('a', { signal: ctx, atLeastMs: 20, maxWaitMs: 5 });
    wait('b', { signal: ctx, atLeastMs: 8, maxWaitMs: 5 });
    wait('c', { signal: ctx, atLeastMs: 3, maxWaitMs: 5 });
    expect((await news()).map((line) => line.split(' ')[2])).toEqual(['deadline', 'max-wait', 'queue-full']);
  });
});

describe('errors', () => {
  test('are never shared by two waiters', async () => {
    const queue = new WaitQueue<void, string>({ refuse: (reason) => new Error(reason), maxWaiters: 2, clock });
    const outcomes = Array.from('abcd').map((tag) =>
      queue.wait(tag, { maxWaitMs: 10 }).catch((error: unknown) => error),
    );
    await clock.advance(10);
    expect(new Set(await Promise.all(outcomes)).size).toBe(4);
  });

  test('that cannot be made are replaced by what is thrown', async () => {
    const { wait, queue, news } = setUp({
      maxWaiters: 1,
      refuse: (reason) => {
        throw new RangeError(reason);
      },
    });
    wait('a', { maxWaitMs: 10 });
    wait('b');
    await clock.advance(10);
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['b failed: RangeError: queue-full', 'head left', 'a failed: RangeError: max-wait']);
  });
});

describe('the head that leaves', () => {
  test('is told of when it leaves by signal or by time, not when it is served, nor when others leave', async () => {
    const { wait, queue, news } = setUp();
    const controllers = Array.from('abcd').map((tag) => {
      const controller = new AbortController();
      wait(tag, { signal: controller.signal, ...(tag === 'b' && { maxWaitMs: 10 }) });
      return controller;
    });
    controllers[2]?.abort('c left');
    expect(await news()).toEqual(['c failed: c left']);
    controllers[0]?.abort('a left');
    expect(await news()).toEqual(['head left', 'a failed: a left']);
    await clock.advance(10);
    expect(await news()).toEqual(['head left', 'b refused: max-wait of b after 10']);
    queue.serve('1');
    expect(await news()).toEqual(['d got 1']);
  });

  test('may let the next ones be served: a weighted semaphore', async () => {
    let free = 2;
    const queue = new WaitQueue<void, number>({
      refuse: () => 'refused',
      onHeadLeft: () => {
        grant();
      },
    });
    const grant = (): void => {
      for (let head = queue.head(); head !== undefined && head.tag <= free; head = queue.head()) {
        free -= head.tag;
        queue.serve();
      }
    };
    using ctx = withCancel();
    const large = queue.wait(3, { signal: ctx });
    const small = [queue.wait(1), queue.wait(1)];
    grant();
    expect([queue.size, free]).toEqual([3, 2]);
    ctx.cancel('gone');
    expect([queue.size, free]).toEqual([0, 0]);
    await expect(large).rejects.toBe('gone');
    await Promise.all(small);
  });

  test('may let one be served whose context ends at the same time', async () => {
    const { wait, queue, news } = setUp({ onHeadLeft: () => void queue.serve('1') });
    using ctx = withCancel();
    for (const tag of 'abcd') wait(tag, { signal: ctx });
    ctx.cancel('gone');
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['a failed: gone', 'b got 1', 'c failed: gone', 'd got 1']);
  });

  test('reports what the callback throws, and goes on', async () => {
    const { wait, queue, news } = setUp({
      onHeadLeft: () => {
        throw new Error('onHeadLeft');
      },
    });
    using recorded = recordDiagnostics<{ 'patterns:structures:listener-error': ListenerErrorMessage }>([
      'patterns:structures:listener-error',
    ]);
    using ctx = withCancel();
    wait('a', { signal: ctx });
    wait('b', { maxWaitMs: 10 });
    wait('c');
    ctx.cancel('gone');
    await clock.advance(10);
    expect(queue.size).toBe(1);
    queue.serve('1');
    expect(await news()).toEqual(['a failed: gone', 'b refused: max-wait of b after 10', 'c got 1']);
    const message = { name: undefined, listener: 'onHeadLeft', error: new Error('onHeadLeft') };
    expect(recorded.records.map((record) => record.message)).toEqual([message, message]);
  });
});

describe('onLeft', () => {
  test('is told of everybody who leaves unserved, from wherever, after onHeadLeft', async () => {
    const left: string[] = [];
    const { wait, queue, news } = setUp({
      onHeadLeft: () => left.push('head'),
      onLeft: () => left.push(`any, ${queue.size} left`),
    });
    using middle = withCancel();
    using first = withCancel();
    wait('a', { signal: first });
    wait('b', { signal: middle });
    wait('c', { maxWaitMs: 10 });
    wait('d');
    wait('e');
    middle.cancel('gone');
    first.cancel('gone');
    await clock.advance(10);
    expect(left).toEqual(['any, 4 left', 'head', 'any, 3 left', 'head', 'any, 2 left']);
    queue.serve('1');
    queue.reject('no');
    wait('f');
    queue.rejectAll(() => 'no');
    expect(left).toHaveLength(5);
    await news();
  });

  test('may use the queue; what it throws is reported', async () => {
    const { wait, queue, news } = setUp({
      onLeft: () => {
        queue.serve('1');
        throw new Error('onLeft');
      },
    });
    using recorded = recordDiagnostics<{ 'patterns:structures:listener-error': ListenerErrorMessage }>([
      'patterns:structures:listener-error',
    ]);
    using ctx = withCancel();
    wait('a');
    wait('b', { signal: ctx });
    ctx.cancel('gone');
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['b failed: gone', 'a got 1']);
    const message = { name: undefined, listener: 'onLeft', error: new Error('onLeft') };
    expect(recorded.records.map((record) => record.message)).toEqual([message]);
  });

  test('may be async, as may onHeadLeft: what they reject with is reported', async () => {
    const { wait, queue, news } = setUp({
      onHeadLeft: () => Promise.reject(new Error('onHeadLeft')) as never,
      onLeft: () => Promise.reject(new Error('onLeft')) as never,
    });
    using recorded = recordDiagnostics<{ 'patterns:structures:listener-error': ListenerErrorMessage }>([
      'patterns:structures:listener-error',
    ]);
    using ctx = withCancel();
    wait('a', { signal: ctx });
    ctx.cancel('gone');
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['a failed: gone']);
    const messages = ['onHeadLeft', 'onLeft'].map((listener) => ({
      name: undefined,
      listener,
      error: new Error(listener),
    }));
    expect(recorded.records.map((record) => record.message)).toEqual(messages);
  });
});

describe('a refusal that uses the queue', () => {
  test.each<[string, (queue: WaitQueue<string, string>) => void, string[]]>([
    ['serves', (queue) => void queue.serve('1'), ['b got 1', 'c failed: end']],
    ['serves the youngest', (queue) => void queue.serveLast('1'), ['c got 1', 'b failed: end']],
    ['rejects', (queue) => void queue.reject('no'), ['b failed: no', 'c failed: end']],
    ['rejects all', (queue) => void queue.rejectAll(() => 'no'), ['b failed: no', 'c failed: no']],
  ])('and %s finds itself gone', async (_name, act, expected) => {
    const { wait, queue, news } = setUp({
      refuse: (reason) => {
        expect(queue.head()?.tag).toBe('b');
        act(queue);
        return reason;
      },
      onHeadLeft: undefined,
    });
    wait('a', { maxWaitMs: 10 });
    wait('b');
    wait('c');
    await clock.advance(10);
    queue.rejectAll(() => 'end');
    expect(queue.size).toBe(0);
    expect((await news()).sort()).toEqual([...expected, 'a failed: max-wait'].sort());
  });

  test('and waits again stands at the back', async () => {
    const { wait, queue, news } = setUp({
      refuse: (reason, tag) => {
        wait(`${tag}2`);
        return reason;
      },
      onHeadLeft: undefined,
    });
    wait('a', { maxWaitMs: 10 });
    wait('b');
    await clock.advance(10);
    queue.serve('1');
    queue.serve('2');
    expect(await news()).toEqual(['a failed: max-wait', 'b got 1', 'a2 got 2']);
  });
});

describe('what others provide', () => {
  const noTimer: Disposable = { [Symbol.dispose]: () => undefined };

  test('may be a clock that fails: nobody is queued', async () => {
    const { queue, wait, news } = setUp({
      clock: {
        now: () => 0,
        setTimeout: () => {
          throw new Error('no timers');
        },
      },
    });
    const controller = new AbortController();
    wait('a', { maxWaitMs: 10, signal: controller.signal });
    expect([queue.size, queue.serve('1')]).toEqual([0, false]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(await news()).toEqual(['a failed: Error: no timers']);
  });

  test('may be a clock that serves the waiter before it fails', async () => {
    const { queue, wait, news } = setUp({
      clock: {
        now: () => 0,
        setTimeout: () => {
          queue.serve('1');
          throw new Error('no timers');
        },
      },
    });
    wait('a', { maxWaitMs: 10 });
    expect(queue.size).toBe(0);
    expect(await news()).toEqual(['a got 1']);
  });

  test('may be a clock that fires at once', async () => {
    const { queue, wait, news } = setUp({
      clock: {
        now: () => 0,
        setTimeout: (fn) => {
          fn();
          return noTimer;
        },
      },
    });
    const controller = new AbortController();
    wait('a');
    wait('b', { maxWaitMs: 10, signal: controller.signal });
    expect(queue.size).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    queue.serve('1');
    expect(await news()).toEqual(['b refused: max-wait of b after 0', 'a got 1']);
  });

  test('may be a context that fails: nobody is queued, and no timer armed', async () => {
    const { queue, wait, news } = setUp();
    const broken: Context = {
      get signal(): AbortSignal {
        throw new Error('no signal');
      },
      deadline: undefined,
      done: false,
      err: undefined,
      cause: undefined,
      remaining: () => Infinity,
      value: (key) => key.defaultValue,
      throwIfDone: () => undefined,
    };
    wait('a', { maxWaitMs: 10, signal: broken });
    expect([queue.size, queue.serve('1'), clock.pending]).toEqual([0, false, 0]);
    expect(await news()).toEqual(['a failed: Error: no signal']);
  });
});

test('every waiter goes on in its own AsyncLocalStorage context, whoever serves, rejects or times it out', async () => {
  const storage = new AsyncLocalStorage<string>();
  const queue = new WaitQueue<void, string>({ refuse: () => 'refused', clock });
  const controller = new AbortController();
  using ctx = withCancel();
  const seen: string[] = [];
  const enter = (name: string, options?: WaitQueueWaitOptions): Promise<unknown> =>
    storage.run(name, async () => {
      try {
        await queue.wait(name, options);
      } catch {
        // Where it goes on is the question.
      }
      seen.push(`${name} in ${String(storage.getStore())}`);
    });
  const all = [
    enter('a'),
    enter('b'),
    enter('c', { signal: controller.signal }),
    enter('d', { signal: ctx }),
    enter('e', { maxWaitMs: 10 }),
    enter('f'),
    enter('g'),
  ];
  storage.run('owner', () => {
    queue.serve();
    queue.serveLast();
    controller.abort();
    ctx.cancel();
  });
  await storage.run('clock', () => clock.advance(10));
  storage.run('owner', () => {
    queue.reject('no');
    queue.rejectAll(() => 'closed');
  });
  await Promise.all(all);
  expect(seen.sort()).toEqual(Array.from('abcdefg').map((name) => `${name} in ${name}`));
});

describe('misuse', () => {
  test.each<[Partial<WaitQueueOptions<undefined>>, Error]>([
    [{ refuse: undefined as never }, new TypeError('refuse must be a function, got undefined')],
    [{ onHeadLeft: 1 as never }, new TypeError('onHeadLeft must be a function, got 1')],
    [{ onLeft: 1 as never }, new TypeError('onLeft must be a function, got 1')],
    [{ clock: null as never }, new TypeError('clock must be a clock, got null')],
    [{ clock: { now: () => 0 } as never }, new TypeError('clock must be a clock, got an object')],
    [{ maxWaiters: -1 }, new RangeError('maxWaiters must be an integer of at least 0 or Infinity, got -1')],
    [{ maxWaiters: 1.5 }, new RangeError('maxWaiters must be an integer of at least 0 or Infinity, got 1.5')],
    [{ maxWaiters: NaN }, new RangeError('maxWaiters must be an integer of at least 0 or Infinity, got NaN')],
  ])('of the constructor is named: %p', (options, error) => {
    expect(() => new WaitQueue({ refuse: () => 'refused', ...options })).toThrow(error);
  });

  test.each<[WaitQueueWaitOptions, Error]>([
    [{ signal: null as never }, new TypeError('signal must be an AbortSignal or a Context or undefined, got null')],
    [{ signal: {} as never }, new TypeError('signal must be an AbortSignal or a Context or undefined, got an object')],
    [{ maxWaitMs: -1 }, new RangeError('maxWaitMs must be 0 or more milliseconds, got -1')],
    [{ maxWaitMs: NaN }, new RangeError('maxWaitMs must be 0 or more milliseconds, got NaN')],
    [{ maxWaitMs: '5' as never }, new RangeError('maxWaitMs must be 0 or more milliseconds, got "5"')],
    [{ atLeastMs: -1 }, new RangeError('atLeastMs must be 0 or more milliseconds, got -1')],
    [{ atLeastMs: null as never }, new RangeError('atLeastMs must be 0 or more milliseconds, got null')],
  ])('of a wait rejects it: %p', async (options, error) => {
    const { queue } = setUp();
    await expect(queue.wait('a', options)).rejects.toThrow(error);
    expect(queue.size).toBe(0);
  });

  test('is not to pass undefined for an option', async () => {
    const queue = new WaitQueue<void>({
      refuse: () => 'refused',
      maxWaiters: undefined,
      onHeadLeft: undefined,
      clock: undefined,
    });
    const waiting = queue.wait(undefined, { signal: undefined, maxWaitMs: undefined, atLeastMs: undefined });
    queue.serve();
    await waiting;
  });
});
