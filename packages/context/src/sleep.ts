import { CancellationListener } from './cancellation-listener.ts';
import { checkClock } from './check-clock.ts';
import { checkMs } from './check-option.ts';
import { clearTimer } from './clear-timer.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './system-clock.ts';
import { toParent } from './to-context.ts';
import type { TreeContext } from './tree-context.ts';
import type { WaitOptions } from './wait-options.ts';

export interface SleepOptions extends WaitOptions {
  /** @defaultValue that of the context given as `signal`, else {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Holds the process open. @defaultValue true */
  readonly ref?: boolean | undefined;
}

/**
 * Resolves after `ms`, never early; `Infinity` only ends by `signal`. 0 waits for one turn of the event loop. Rejects with the cause of `signal` when that ends first.
 * @throws {RangeError} for a negative number or NaN
 */
export function sleep(ms: number, options?: SleepOptions): Promise<void> {
  // What is thrown in here rejects.
  return new Promise((resolve, reject) => {
    checkMs('ms', ms);
    const context = toParent(options?.signal, 'signal');
    context.throwIfDone();
    if (options?.clock !== undefined) checkClock(options.clock);
    const clock = options?.clock ?? context.time?.clock ?? systemClock;
    new Sleep(context, resolve, reject).start(clock, ms, options?.ref !== false);
  });
}

class Sleep extends CancellationListener {
  readonly #context: TreeContext;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  #timer: Disposable | undefined;

  constructor(context: TreeContext, resolve: () => void, reject: (reason: unknown) => void) {
    super();
    this.#context = context;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(clock: Clock, ms: number, ref: boolean): void {
    const wake = (): void => {
      this.stopListening();
      this.#resolve();
    };
    // Before the timer, which a clock may fire at once.
    this.listenTo(this.#context);
    try {
      this.#timer = ms === 0 && clock === systemClock ? nextTurn(wake, ref) : clock.setTimeout(wake, ms, { ref });
    } catch (error) {
      this.stopListening();
      throw error;
    }
  }

  onCanceled(): void {
    this.#reject(this.#context.cause);
    if (this.#timer !== undefined) clearTimer(this.#timer);
  }
}

/** A timer of 0 ms would take 1 ms or more. */
function nextTurn(fn: () => void, ref: boolean): Disposable {
  if (typeof setImmediate !== 'function') return systemClock.setTimeout(fn, 0, { ref });
  const clear = clearImmediate;
  const handle = setImmediate(fn);
  if (!ref) handle.unref();
  const turn = {
    clear: () => {
      clear(handle);
    },
  };
  return turn as unknown as Disposable;
}
