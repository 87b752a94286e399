import type * as Module from './system-clock.ts';
import { systemClock } from './system-clock.ts';

/** Platform timers and a clock that can be moved apart. */
class FakePlatform {
  nowMs = 1_000;
  readonly armed: { fn: () => void; ms: number; unrefs: number; cleared: boolean }[] = [];
  readonly #originals = { setTimeout, clearTimeout };
  readonly #now = jest.spyOn(performance, 'now').mockImplementation(() => this.nowMs);

  constructor() {
    // Not mocks of Jest, which forget what they do when they are restored.
    Object.assign(globalThis, {
      setTimeout: (fn: (arg: unknown) => void, ms: number, arg: unknown) => {
        const timer = {
          fn: () => {
            fn(arg);
          },
          ms,
          unrefs: 0,
          cleared: false,
          unref: () => timer.unrefs++,
        };
        this.armed.push(timer);
        return timer;
      },
      clearTimeout: (timer: { cleared: boolean }) => {
        timer.cleared = true;
      },
    });
  }

  /** The latest timer comes back when the clock shows `nowMs`. */
  fireAt(nowMs: number): void {
    this.nowMs = nowMs;
    this.armed.at(-1)?.fn();
  }

  restore(): void {
    Object.assign(globalThis, this.#originals);
    this.#now.mockRestore();
  }
}

describe('systemClock', () => {
  let platform: FakePlatform;
  const fn = jest.fn();
  beforeEach(() => {
    platform = new FakePlatform();
    fn.mockClear();
  });
  afterEach(() => {
    platform.restore();
  });
  const delays = (): number[] => platform.armed.map(({ ms }) => ms);

  it('looks the functions up on each call', () => {
    expect(systemClock.now()).toBe(1_000);
    platform.nowMs = 1_001.5;
    expect(systemClock.now()).toBe(1_001.5);
    systemClock.setTimeout(fn, 10);
    expect(delays()).toEqual([10]);
    platform.fireAt(1_011.5);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('rounds delays up, and takes negative ones for 0', () => {
    systemClock.setTimeout(fn, 10.2);
    systemClock.setTimeout(fn, -5);
    systemClock.setTimeout(fn, 0);
    expect(delays()).toEqual([11, 0, 0]);
  });

  it('arms it once more too where somebody has wrapped the timers, and the clock is that of the start', () => {
    jest.isolateModules(() => {
      const { SystemTimers } = jest.requireActual<typeof Module>('./system-clock.ts');
      SystemTimers.current().setTimeout(fn, 10);
    });
    platform.fireAt(1_008.1);
    expect(fn).not.toHaveBeenCalled();
    platform.fireAt(1_010);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('arms a timer that is less than 2 ms early once more for the rest', () => {
    systemClock.setTimeout(fn, 10);
    platform.fireAt(1_008.1);
    expect(fn).not.toHaveBeenCalled();
    expect(delays()).toEqual([10, 2]);
    platform.fireAt(1_010);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('arms it once: then the timer is believed', () => {
    systemClock.setTimeout(fn, 10);
    platform.fireAt(1_009);
    platform.fireAt(1_009.5);
    expect(delays()).toEqual([10, 1]);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('believes a timer that is early by 2 ms or more: it is faked apart from the clock', () => {
    systemClock.setTimeout(fn, 10);
    platform.fireAt(1_008);
    systemClock.setTimeout(fn, 10_000);
    platform.fireAt(1_008);
    expect(fn).toHaveBeenCalledTimes(2);
    expect(delays()).toEqual([10, 10_000]);
  });

  it('chains delays beyond 2^31-1 ms, also where the clock stands still', () => {
    const longest = 2 ** 31 - 1;
    systemClock.setTimeout(fn, 2 * longest + 5);
    platform.fireAt(1_000);
    platform.fireAt(1_000);
    expect(fn).not.toHaveBeenCalled();
    platform.fireAt(1_000);
    expect(delays()).toEqual([longest, longest, 5]);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('never fires a delay of Infinity, for which a timer holds the process', () => {
    const timer = systemClock.setTimeout(fn, Infinity);
    for (let round = 0; round < 5; round++) platform.fireAt(platform.nowMs + 2 ** 31);
    expect(fn).not.toHaveBeenCalled();
    timer[Symbol.dispose]();
    expect(platform.armed.at(-1)?.cleared).toBe(true);
  });

  it('is cleared by disposing, at any point, and by nothing else', () => {
    const timer = systemClock.setTimeout(fn, 2 ** 31 + 5);
    platform.fireAt(1_000);
    timer[Symbol.dispose]();
    timer[Symbol.dispose]();
    expect(platform.armed.map(({ cleared }) => cleared)).toEqual([false, true]);
    platform.fireAt(2 ** 40);
    expect(fn).not.toHaveBeenCalled();
  });

  it('holds the process unless told not to, on every part of a chain', () => {
    systemClock.setTimeout(fn, 5, { ref: true });
    systemClock.setTimeout(fn, 5);
    systemClock.setTimeout(fn, 2 ** 31 + 5, { ref: false });
    platform.fireAt(1_000);
    expect(platform.armed.map(({ unrefs }) => unrefs)).toEqual([0, 0, 1, 1]);
  });

  it('passes no arguments through setTimeout, which some fakes drop', () => {
    const calls: (() => void)[] = [];
    const real = globalThis.setTimeout;
    globalThis.setTimeout = ((call: () => void) => calls.push(call)) as unknown as typeof setTimeout;
    try {
      systemClock.setTimeout(fn, 0);
    } finally {
      globalThis.setTimeout = real;
    }
    calls[0]?.();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('clears with the functions it was armed with, though others are there now', () => {
    const timer = systemClock.setTimeout(fn, 5);
    platform.restore();
    const later = new FakePlatform();
    timer[Symbol.dispose]();
    expect(platform.armed[0]?.cleared).toBe(true);
    later.restore();
  });
});
