import { checkNumber } from './check-option.ts';
import type { Clock, TimerOptions } from './clock.ts';
import { disposeWith } from './dispose-with.ts';
import { TimeHeap, type TimeHeapItem } from './time-heap.ts';

export interface VirtualClockOptions {
  /** First value of `now()`. @defaultValue 0 */
  readonly now?: number | undefined;
}

/** Sums of fractions round: a timer this close to the time asked for is due. */
const roundingMs = 1e-6;
const mostTimers = 100_000;

/** A clock that moves only when told. Pass it as `clock` to anything that takes one; contexts below a deadline made with it have it too. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #timers = new TimeHeap<VirtualTimer>();
  /** Advances wait for one another. */
  #moving: Promise<void> = Promise.resolve();

  /** @throws {RangeError} if `now` is not finite */
  constructor(options?: VirtualClockOptions) {
    const { now = 0 } = options ?? {};
    checkNumber('now', now, Number.isFinite(now), 'finite');
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number, _options?: TimerOptions): Disposable {
    const timer = new VirtualTimer(this.#timers, fn);
    this.#timers.push(timer, this.#now + (ms > 0 ? ms : 0));
    return timer;
  }

  /**
   * Fires what is due, in order of time and then of arming, with `now()` at each timer's own time, and lets promises settle before, between and after. Deadlines of contexts share one timer:
   * at the very same time as other timers they come in no particular order. @throws {RangeError} if `ms` is negative or NaN
   */
  async advance(ms: number): Promise<void> {
    checkNumber('ms', ms, ms >= 0 && ms < Infinity, 'at least 0 and finite');
    await this.#move(async () => {
      const target = this.#now + ms;
      await settle();
      while (this.#timers.firstTime <= target + roundingMs) await this.#fireFirst();
      // A timer may have been due a little later, by rounding.
      this.#now = Math.max(this.#now, target);
    });
  }

  /** Advances until no timer is left. Rejects after 100 000 timers. */
  async runAll(): Promise<void> {
    await this.#move(async () => {
      await settle();
      for (let fired = 0; this.#timers.firstTime < Infinity; fired++) {
        if (fired === mostTimers) throw new Error(`runAll fired ${mostTimers} timers, and there are still more`);
        await this.#fireFirst();
      }
    });
  }

  /** Timers armed: 0 at the end of a test that leaks nothing. */
  get pending(): number {
    return this.#timers.size;
  }

  async #move(run: () => Promise<void>): Promise<void> {
    const moved = this.#moving.then(run);
    // What a timer throws is for whoever asked for this move, not for the next.
    this.#moving = moved.catch(() => undefined);
    await moved;
  }

  async #fireFirst(): Promise<void> {
    const time = this.#timers.firstTime;
    const timer = this.#timers.first as VirtualTimer;
    timer.clear();
    this.#now = Math.max(this.#now, time);
    timer.fn();
    await settle();
  }
}

class VirtualTimer implements TimeHeapItem, Disposable {
  declare readonly [Symbol.dispose]: () => void;
  static {
    disposeWith(VirtualTimer, 'clear');
  }

  heapIndex = -1;
  readonly fn: () => void;
  readonly #timers: TimeHeap<VirtualTimer>;

  constructor(timers: TimeHeap<VirtualTimer>, fn: () => void) {
    this.#timers = timers;
    this.fn = fn;
  }

  clear(): void {
    this.#timers.delete(this);
  }
}

/** A turn of the real event loop, after which every chain of promises that was ready has run. Taken when the module loads, before anybody fakes it. */
const nextTurn: (fn: () => void) => unknown =
  typeof setImmediate === 'function' && !('clock' in setImmediate) ? setImmediate : turnByMessage;

async function settle(): Promise<void> {
  await new Promise<void>((resolve) => nextTurn(resolve));
}

/** Fake timers leave messages alone. */
function turnByMessage(fn: () => void): void {
  const { port1, port2 } = new MessageChannel();
  (port1 as { onmessage?: () => void }).onmessage = () => {
    port1.close();
    fn();
  };
  port2.postMessage(undefined);
}
