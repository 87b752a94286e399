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

/**
 * Fakes timers and leaves the clocks real, as `mock.timers` of `node:test` does: a timer then fires long before `performance.now()` says it should.
 * (`jest.useFakeTimers()` moves both.)
 */
export function installTimersOnlyFake(): TimersOnlyFake {
  const clock = withGlobal(globalThis).install({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  });
  const uninstall = (): void => {
    clock.uninstall();
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
