import { withGlobal } from '@sinonjs/fake-timers';

export interface TimersOnlyFake extends Disposable {
  /** Timers that wait. */
  readonly pending: number;
  /** Fires what is due within the next `ms`. `performance.now()` and `Date.now()` know nothing of it. */
  advance(ms: number): void;
  /** The same, with the reactions of promises between the timers. */
  advanceAsync(ms: number): Promise<void>;
  uninstall(): void;
}

const names = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const;

/**
 * Fakes the timers of the globals and leaves the clocks real, as `mock.timers` of `node:test` does: a timer then fires long before
 * `performance.now()` says it should. (`jest.useFakeTimers()` moves both.)
 */
export function installTimersOnlyFake(): TimersOnlyFake {
  const real = pick(globalThis);
  // A scope of its own: given the true globals, the library would also fake `node:timers`, which all test files of a process share.
  const scope = { ...real, Date, Promise };
  const clock = withGlobal(scope).install({ toFake: [...names] });
  Object.assign(globalThis, pick(scope));
  const uninstall = (): void => {
    Object.assign(globalThis, real);
  };
  return {
    get pending() {
      return clock.countTimers();
    },
    advance: (ms) => {
      clock.tick(ms);
    },
    advanceAsync: async (ms) => {
      await clock.tickAsync(ms);
    },
    uninstall,
    [Symbol.dispose]: uninstall,
  };
}

function pick(scope: Pick<typeof globalThis, (typeof names)[number]>): Pick<typeof globalThis, (typeof names)[number]> {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = scope;
  return { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };
}
