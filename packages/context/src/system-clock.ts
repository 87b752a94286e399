import type { Clock, TimerOptions } from './clock.ts';
import { disposeWith } from './dispose-with.ts';

/** Above it, `setTimeout` fires at once. */
const longestDelayMs = 2 ** 31 - 1;

/** Platform timers may be this early against the fraction of `performance.now()`. More means that the two are faked apart. */
const earlyMs = 2;

/** Most likely the real one. */
const nowAtLoad: () => number = /* @__PURE__ */ nowOfPlatform();

function nowOfPlatform(): () => number {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- compared only
  return performance.now;
}

/**
 * The platform's time functions as they were at one moment. Fake timers replace them and put them back: what was armed with one set has to be measured and cleared with
 * the same set, and a timer of a set that is gone may never fire.
 */
export class SystemTimers implements Clock {
  static #latest: SystemTimers | undefined;
  readonly #performance: typeof performance = performance;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object
  readonly #now: () => number = performance.now;
  readonly #setTimeout: typeof setTimeout = setTimeout;
  readonly #clearTimeout: typeof clearTimeout = clearTimeout;
  /** Sinon, and with it vitest and Jest, marks its functions, and so do Jest's mocks. */
  #fake = 'clock' in setTimeout || '_isMockFunction' in setTimeout;

  /** The same object until somebody fakes the functions, or stops faking them. */
  static current(): SystemTimers {
    const latest = SystemTimers.#latest;
    if (latest !== undefined && latest.#setTimeout === setTimeout && latest.#now === performance.now) return latest;
    return (SystemTimers.#latest = new SystemTimers());
  }

  /** As far as they tell. */
  get areFake(): boolean {
    return this.#fake;
  }

  /** Fake timers, and a clock that is not: they know nothing of each other. */
  get areApart(): boolean {
    return this.#fake && this.#now === nowAtLoad;
  }

  now(): number {
    return this.#now.call(this.#performance);
  }

  setTimeout(fn: () => void, ms: number, options?: TimerOptions): Disposable {
    return new SystemTimer(this, fn, ms, options?.ref !== false);
  }

  arm(timer: SystemTimer, ms: number): unknown {
    // A bare call: browsers insist on `this` being the global object or nothing.
    const arm = this.#setTimeout;
    // Not by an argument for the callback: fakes written by hand drop that.
    const handle: unknown = arm(() => {
      timer.fire();
    }, ms);
    this.#fake ||= isOfNodeTest(handle);
    return handle;
  }

  disarm(handle: unknown): void {
    const disarm = this.#clearTimeout;
    disarm(handle as Parameters<typeof clearTimeout>[0]);
  }
}

/** One timer, made of as many platform timers as its delay takes. */
class SystemTimer implements Disposable {
  declare readonly [Symbol.dispose]: () => void;
  static {
    disposeWith(SystemTimer, 'clear');
  }

  readonly #timers: SystemTimers;
  readonly #dueAt: number;
  readonly #ref: boolean;
  /** Undefined once it has fired or been cleared. */
  #fn: (() => void) | undefined;
  /** To be waited after the platform timer that runs now. Counted down rather than read from the clock, which may be faked apart. */
  #leftMs: number;
  #rearmed = false;
  #handle: unknown;

  constructor(timers: SystemTimers, fn: () => void, ms: number, ref: boolean) {
    this.#timers = timers;
    this.#fn = fn;
    this.#ref = ref;
    const delayMs = ms > 0 ? ms : 0;
    this.#dueAt = timers.now() + delayMs;
    this.#leftMs = Math.ceil(delayMs);
    this.#armNext();
  }

  clear(): void {
    if (this.#fn === undefined) return;
    this.#fn = undefined;
    this.#timers.disarm(this.#handle);
    this.#handle = undefined;
  }

  fire(): void {
    const fn = this.#fn;
    if (fn === undefined) return;
    if (this.#leftMs > 0) {
      this.#armNext();
      return;
    }
    const tooEarlyMs = this.#dueAt - this.#timers.now();
    if (tooEarlyMs > 0 && tooEarlyMs < earlyMs && !this.#rearmed && !this.#timers.areApart) {
      this.#rearmed = true;
      this.#leftMs = Math.ceil(tooEarlyMs);
      this.#armNext();
      return;
    }
    this.#fn = this.#handle = undefined;
    fn();
  }

  #armNext(): void {
    const ms = Math.min(this.#leftMs, longestDelayMs);
    this.#leftMs -= ms;
    this.#handle = this.#timers.arm(this, ms);
    // A number, outside Node, has no `unref`.
    if (!this.#ref) (this.#handle as { unref?: () => unknown }).unref?.();
  }
}

/** Its functions tell nothing, its timers do. */
function isOfNodeTest(handle: unknown): boolean {
  return typeof handle === 'object' && handle !== null && 'runAt' in handle;
}

const sharedKey: unique symbol = Symbol.for('@patterns/context.system-clock') as never;

/** One in the process: contexts compare clocks by identity, those of another copy of the package too. */
const shared = globalThis as { [sharedKey]?: Clock | undefined };

/**
 * `performance.now()` and `setTimeout`, looked up on each call so that fake timers apply. Delays beyond 2^31-1 ms are chained. A timer that comes back less than 2 ms before its time is armed
 * once more for the rest; more than that means that timers and clock are faked apart (`node:test` moves `setTimeout` but not `performance.now()`), and the timer is believed.
 */
export const systemClock: Clock = (shared[sharedKey] ??= {
  now: () => performance.now(),
  setTimeout: (fn, ms, options) => SystemTimers.current().setTimeout(fn, ms, options),
});
