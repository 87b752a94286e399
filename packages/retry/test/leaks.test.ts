import { withCancel, type Clock } from '@patterns/context';
import { constant, retry, RetryPolicy } from '@patterns/retry';
import { heapPerOperation } from '@patterns-tools/test-kit';

const error = new Error('down');
const fail = (): never => {
  throw error;
};
const ignore = (): undefined => undefined;

/** Fires in a microtask, and counts what is armed. */
class EagerClock implements Clock {
  readonly #armed = new Set<() => void>();
  now(): number {
    return performance.now();
  }
  setTimeout(fn: () => void): Disposable {
    const fire = (): void => {
      if (this.#armed.delete(fire)) fn();
    };
    this.#armed.add(fire);
    queueMicrotask(fire);
    return { [Symbol.dispose]: () => void this.#armed.delete(fire) };
  }
  get armed(): number {
    return this.#armed.size;
  }
}

const clock = new EagerClock();
const parent = withCancel();
const controller = new AbortController();
const waiting = new RetryPolicy({ clock, backoff: constant(5), maxAttempts: 2 });
const timed = new RetryPolicy({ attemptTimeoutMs: 60_000 });
const withOwnSignal = new RetryPolicy({ clock, backoff: constant(5), maxAttempts: 2, signal: parent });
const atOnce = new RetryPolicy({ backoff: constant(0), maxAttempts: 2 });

/** Ways in which a call ends, under a context and a signal that live on. */
const ways: readonly (readonly [string, number, () => Promise<unknown>])[] = [
  ['a success at once', 100_000, () => waiting.execute(ignore, { signal: parent })],
  ['a success at once, under a signal', 100_000, () => waiting.execute(ignore, { signal: controller.signal })],
  ['a success with an attempt timeout', 100_000, () => timed.execute(ignore, { signal: parent })],
  ['a success under two signals', 100_000, () => withOwnSignal.execute(ignore, { signal: controller.signal })],
  ['giving up after a wait', 100_000, () => waiting.execute(fail, { signal: parent }).catch(ignore)],
  [
    'giving up after a wait, under a signal',
    10_000,
    () => waiting.execute(fail, { signal: controller.signal }).catch(ignore),
  ],
  ['giving up after a turn of the event loop', 10_000, () => atOnce.execute(fail, { signal: parent }).catch(ignore)],
  [
    'a caller who gives up during a wait',
    10_000,
    () => {
      const child = withCancel(parent);
      const call = retry(fail, { backoff: constant(60_000), signal: child }).catch(ignore);
      child.cancel();
      return call;
    },
  ],
  [
    'a caller who gives up during an attempt',
    25_000,
    () => {
      const child = withCancel(parent);
      const call = timed
        .execute(
          (ctx) =>
            new Promise((_, reject) => {
              ctx.signal.addEventListener(
                'abort',
                () => {
                  reject(error);
                },
                { once: true },
              );
            }),
          { signal: child },
        )
        .catch(ignore);
      child.cancel();
      return call;
    },
  ],
];

describe('a call leaves nothing behind', () => {
  it.each(ways)(
    'after %s',
    async (_, operations, run) => {
      expect(await heapPerOperation(run, { operations: operations / 5, rounds: 4 })).toBeLessThan(50);
      expect(clock.armed).toBe(0);
    },
    60_000,
  );
});
