import { systemClock, toContext, type Clock, type Context, type WaitOptions } from '@patterns/context';
import { callListener, checkCallback, checkClock, checkFunction } from '@patterns/context/internal';
import { checkDuration } from './check-duration.ts';
import { Waiter } from './waiter.ts';

/** Why a waiter was turned away: the queue is full, its deadline comes too early, or its `maxWaitMs` is over or cannot suffice. */
export type WaitRefusal = 'queue-full' | 'deadline' | 'max-wait';

export interface WaitQueueOptions<Tag> {
  /** Makes the error of a refusal. Called once for each, so that no two waiters share an error. What it throws is the error. */
  readonly refuse: (reason: WaitRefusal, tag: Tag, waitedMs: number) => unknown;
  /** Most waiters; 0 refuses everybody. @defaultValue Infinity */
  readonly maxWaiters?: number | undefined;
  /** Called after the head has left without being served: the next one may be easier to serve. */
  readonly onHeadLeft?: (() => void) | undefined;
  /** Called after anybody has left without being served, the head too, and then after `onHeadLeft`: those behind may be served sooner than was foreseen. */
  readonly onLeft?: (() => void) | undefined;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
  /**
   * Notes when each waiter comes. With `false` the clock is read for waiters with `maxWaitMs` only, and `sinceMs` of the others is NaN: reading it is up to half of what a wait costs.
   * @defaultValue true
   */
  readonly timed?: boolean | undefined;
}

export interface WaitQueueWaitOptions extends WaitOptions {
  /** Longest wait; 0 refuses at once. @defaultValue Infinity */
  readonly maxWaitMs?: number | undefined;
  /** The wait is known to take at least this long: refused at once if that passes the deadline of `signal` (`'deadline'`) or `maxWaitMs` (`'max-wait'`). @defaultValue 0 */
  readonly atLeastMs?: number | undefined;
}

export interface QueuedWaiter<Tag> {
  readonly tag: Tag;
  /** Clock time at which it came; NaN if the queue is not {@link WaitQueueOptions.timed}. */
  readonly sinceMs: number;
}

const noOptions: WaitQueueWaitOptions = {};

/**
 * First-in-first-out queue of promises. `Tag` is what the owner wants to know of a waiter (permits, a key), `T` what it is served with.
 *
 * All operations are O(1), leaving by `signal` too; a timer exists only for waiters with `maxWaitMs`. The first to settle a waiter wins: one that was served keeps what it got though its signal ends
 * before it runs on. Each waiter has its own promise, so that it continues in its own AsyncLocalStorage context.
 *
 * A waiter is out of the queue, and has left neither listener nor timer behind, before anybody is told. So every callback may use the queue. What `onHeadLeft` and `onLeft` throw, or reject with, never reaches a call:
 * it goes to `patterns:structures:listener-error`, or once to `process.emitWarning` if nobody listens there.
 *
 * @example
 * let free = 2;
 * const waiting = new WaitQueue<void>({ refuse: (reason) => new Error(reason), maxWaiters: 100 });
 *
 * async function acquire(signal?: AbortSignal): Promise<void> {
 *   if (free > 0) free--;
 *   else await waiting.wait(undefined, { signal, maxWaitMs: 1_000 });
 * }
 * function release(): void {
 *   // Handed to whoever waits, so that nobody overtakes.
 *   if (!waiting.serve()) free++;
 * }
 */
export class WaitQueue<T, Tag = undefined> {
  readonly #refuse: (reason: WaitRefusal, tag: Tag, waitedMs: number) => unknown;
  readonly #maxWaiters: number;
  readonly #onHeadLeft: (() => void) | undefined;
  readonly #onLeft: (() => void) | undefined;
  readonly #clock: Clock;
  readonly #timed: boolean;

  #head: Waiter<T, Tag> | undefined = undefined;
  #tail: Waiter<T, Tag> | undefined = undefined;
  #size = 0;

  /** @throws {TypeError} if `refuse`, `onHeadLeft` or `onLeft` is no function, or `clock` no clock; {RangeError} if `maxWaiters` is neither an integer of at least 0 nor `Infinity` */
  constructor({
    refuse,
    maxWaiters = Infinity,
    onHeadLeft,
    onLeft,
    clock = systemClock,
    timed = true,
  }: WaitQueueOptions<Tag>) {
    checkFunction('refuse', refuse);
    checkCallback('onHeadLeft', onHeadLeft);
    checkCallback('onLeft', onLeft);
    if (maxWaiters !== Infinity && !(Number.isInteger(maxWaiters) && maxWaiters >= 0)) {
      throw new RangeError(`maxWaiters must be an integer of at least 0 or Infinity, got ${String(maxWaiters)}`);
    }
    checkClock(clock);
    this.#refuse = refuse;
    this.#maxWaiters = maxWaiters;
    this.#onHeadLeft = onHeadLeft;
    this.#onLeft = onLeft;
    this.#clock = clock;
    this.#timed = timed;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Queues at the back. Rejects with the reason of `signal` untouched, at once also if it has ended already, or with what `refuse` makes.
   * A deadline that has not passed ends the wait through `signal`; only one that cannot be met is refused.
   *
   * Refused at once, in this order: `signal` has ended (its reason), `'deadline'`, `'max-wait'`, `'queue-full'`. A wait of `atLeastMs` that would end exactly at the deadline or at `maxWaitMs` is allowed.
   * Rejects with a TypeError if `signal` is none, with a RangeError if a duration is negative or no number.
   */
  wait(tag: Tag, options: WaitQueueWaitOptions = noOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      // What is thrown in here rejects the promise.
      this.#enter(tag, options, resolve, reject);
    });
  }

  /** Who is next. */
  head(): QueuedWaiter<Tag> | undefined {
    const head = this.#head;
    return head && { tag: head.tag, sinceMs: head.sinceMs };
  }

  /** What is known of those who wait, front to back: to foresee how long somebody will. Ends early if the one it stands at leaves meanwhile. */
  *tags(): IterableIterator<Tag> {
    for (let waiter = this.#head; waiter !== undefined; waiter = waiter.next) yield waiter.tag;
  }

  /** Resolves the head; `false` if nobody waits. */
  serve(value: T): boolean {
    const head = this.#head;
    if (head === undefined) return false;
    this.#remove(head);
    head.resolve(value);
    return true;
  }

  /** Resolves the youngest instead, for last-in-first-out under overload. */
  serveLast(value: T): boolean {
    const tail = this.#tail;
    if (tail === undefined) return false;
    this.#remove(tail);
    tail.resolve(value);
    return true;
  }

  /** Rejects the head; `false` if nobody waits. Calls neither `onHeadLeft` nor `onLeft`. */
  reject(error: unknown): boolean {
    const head = this.#head;
    if (head === undefined) return false;
    this.#remove(head);
    head.reject(error);
    return true;
  }

  /**
   * Rejects all, each with an error of its own: what `makeError` returns, or throws. Returns how many. Calls neither `onHeadLeft` nor `onLeft`.
   * The queue is empty before the first error is made; whoever comes while errors are made waits as usual.
   */
  rejectAll(makeError: (tag: Tag) => unknown): number {
    const count = this.#size;
    const first = this.#head;
    this.#head = undefined;
    this.#tail = undefined;
    this.#size = 0;
    for (let waiter = first; waiter !== undefined; waiter = waiter.next) waiter.letGo();
    for (let waiter = first; waiter !== undefined;) {
      const { next, tag, reject } = waiter;
      // A promise that lives on must not keep everybody behind it.
      waiter.next = waiter.previous = undefined;
      reject(errorFrom(() => makeError(tag)));
      waiter = next;
    }
    return count;
  }

  #enter(tag: Tag, options: WaitQueueWaitOptions, resolve: (value: T) => void, reject: (error: unknown) => void): void {
    const { signal, maxWaitMs = Infinity, atLeastMs = 0 } = options;
    checkDuration('maxWaitMs', maxWaitMs);
    checkDuration('atLeastMs', atLeastMs);
    const context = signal === undefined ? undefined : toContext(signal);
    if (context?.done === true) {
      reject(context.cause);
      return;
    }
    const refusal = this.#refusalOf(context, maxWaitMs, atLeastMs);
    if (refusal !== undefined) {
      reject(this.#refuse(refusal, tag, 0));
      return;
    }
    const sinceMs = this.#timed || maxWaitMs !== Infinity ? this.#clock.now() : NaN;
    const waiter = new Waiter<T, Tag>(tag, sinceMs, resolve, reject, context, this.#onEnd);
    this.#append(waiter);
    try {
      if (maxWaitMs !== Infinity) this.#arm(waiter, maxWaitMs);
      waiter.listen();
    } catch (error) {
      // Somebody else's clock or context has failed. Whoever is served has to be waiting for it.
      if (waiter.waiting) this.#remove(waiter);
      throw error;
    }
  }

  /** A method of its own: a closure costs its surroundings a context object, also where it is not made. */
  #arm(waiter: Waiter<T, Tag>, maxWaitMs: number): void {
    waiter.timer = this.#clock.setTimeout(() => {
      this.#expire(waiter);
    }, maxWaitMs);
  }

  /** Why not to queue at all. */
  #refusalOf(context: Context | undefined, maxWaitMs: number, atLeastMs: number): WaitRefusal | undefined {
    if (context?.deadline !== undefined) {
      const remainingMs = context.remaining();
      // Nothing left: it has passed, though its timer has not come yet.
      if (remainingMs <= 0 || atLeastMs > remainingMs) return 'deadline';
    }
    if (maxWaitMs === 0 || atLeastMs > maxWaitMs) return 'max-wait';
    if (this.#size >= this.#maxWaiters) return 'queue-full';
    return undefined;
  }

  readonly #onEnd = (waiter: Waiter<T, Tag>, cause: unknown): void => {
    this.#leave(waiter, () => cause);
  };

  #expire(waiter: Waiter<T, Tag>): void {
    if (!waiter.waiting) return;
    this.#leave(waiter, () => this.#refuse('max-wait', waiter.tag, Math.max(0, this.#clock.now() - waiter.sinceMs)));
  }

  #leave(waiter: Waiter<T, Tag>, makeError: () => unknown): void {
    const wasHead = waiter === this.#head;
    this.#remove(waiter);
    waiter.reject(errorFrom(makeError));
    if (wasHead && this.#onHeadLeft !== undefined) {
      callListener('structures', undefined, 'onHeadLeft', this.#onHeadLeft);
    }
    if (this.#onLeft !== undefined) callListener('structures', undefined, 'onLeft', this.#onLeft);
  }

  #append(waiter: Waiter<T, Tag>): void {
    const tail = this.#tail;
    waiter.previous = tail;
    if (tail === undefined) this.#head = waiter;
    else tail.next = waiter;
    this.#tail = waiter;
    this.#size++;
  }

  #remove(waiter: Waiter<T, Tag>): void {
    const { next, previous } = waiter;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    waiter.next = waiter.previous = undefined;
    this.#size--;
    waiter.letGo();
  }
}

/** A waiter has to be settled whatever the function does. */
function errorFrom(makeError: () => unknown): unknown {
  try {
    return makeError();
  } catch (error) {
    return error;
  }
}
