import {
  CanceledError,
  toContext,
  withCancel,
  type CancelableContext,
  type Context,
  type WaitOptions,
} from '@patterns/context';
import {
  CancellationListener,
  checkCancellation,
  checkFunction,
  checkType,
  isPromise,
  lookAfter,
} from '@patterns/context/internal';
import { RingBuffer } from '@patterns/structures';
import { MapEntry, type MapFunction } from './map-entry.ts';
import { MapSourceReader, type MapSource } from './map-source.ts';
import type { Scheduler } from './scheduler.ts';

export interface MapOptions extends WaitOptions {
  /** Results in the order of the input, or as they come. @defaultValue true */
  readonly ordered?: boolean | undefined;
}

/** What comes of the items of a source, each when it is asked for. */
export interface MapResults<Out> extends AsyncIterableIterator<Out> {
  /**
   * All that are left, in one array; what there is so far, when somebody calls `return()` meanwhile. Faster than a loop, which costs two promises
   * for each. Of a source without an end it never comes.
   *
   * @throws what the loop would throw: the first error, when the others have ended; the reason of `signal`, at once
   */
  toArray(): Promise<Out[]>;
}

/** An infinite `concurrency` must not take in an infinite source. */
const mostAhead = 1_000;

/**
 * The iterator of `map`. It takes items in the calls of `next`, or in reactions that these have registered, so that the tasks run in the
 * AsyncLocalStorage context of who iterates. At most as many items as may run are between taken and delivered.
 */
export class PoolMap<T, R, Out> extends CancellationListener implements MapResults<Out> {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new PoolMap(
    undefined as never,
    [],
    () => undefined,
    undefined,
    undefined,
  );

  readonly #scheduler: Scheduler;
  readonly #source: MapSourceReader<T>;
  readonly #fn: MapFunction<T, R>;
  readonly #signal: WaitOptions['signal'];
  readonly #isOrdered: boolean;
  /** Makes an outcome of each end of `fn`; without it an error is the end of all. */
  readonly #toResult: ((ok: boolean, result: unknown) => Out) | undefined;
  /** There from the first `next` until the end. */
  #context: CancelableContext | undefined = undefined;
  /** Of the input, what is not delivered; or in the order of completion, what can be. */
  readonly #entries = new RingBuffer<MapEntry<T, R>>();
  readonly #spares: MapEntry<T, R>[] = [];
  /** Calls of `next` that wait. At most the first of them is on its way. */
  readonly #requests = new RingBuffer<() => void>();
  #isOnItsWay = false;
  #taken = 0;
  #delivered = 0;
  /** Taken, and not ended. */
  #running = 0;
  /** When the last one has ended, while what follows happens: items of an array that are taken in then begin by that reading of the clock, whatever reactions to that end come first. */
  #nowMs = NaN;
  #failure: { readonly error: unknown } | undefined = undefined;
  /** The failure is to be told before the others have ended. */
  #isUrgent = false;
  #isOver = false;
  /** By {@link return}, and not because it had come to its end. */
  #isLeft = false;
  readonly #onNoneRunning: (() => void)[] = [];

  constructor(
    scheduler: Scheduler,
    source: MapSource<T>,
    fn: MapFunction<T, R>,
    options: MapOptions | undefined,
    toResult: ((ok: boolean, result: unknown) => Out) | undefined,
  ) {
    super();
    const { ordered = true, signal } = options ?? {};
    checkFunction('fn', fn);
    checkType('ordered', ordered, typeof ordered === 'boolean', 'a boolean');
    checkCancellation(signal, 'signal');
    this.#scheduler = scheduler;
    this.#source = new MapSourceReader(source);
    this.#fn = fn;
    this.#signal = signal;
    this.#isOrdered = ordered;
    this.#toResult = toResult;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Out, undefined>> {
    this.#nowMs = NaN;
    try {
      const result = this.#pollFirst();
      return result === undefined ? this.#waitAs('last') : Promise.resolve(result);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever `fn` has thrown
      return Promise.reject(error);
    }
  }

  async toArray(): Promise<Out[]> {
    this.#nowMs = NaN;
    const results: Out[] = [];
    for (;;) {
      const result = this.#pollFirst() ?? (await this.#waitAs('last'));
      if (result.done === true) return results;
      results.push(result.value);
    }
  }

  /** Cancels what runs, waits for its end and closes the source. Called again, it waits for the same. */
  async return(): Promise<IteratorResult<Out, undefined>> {
    if (!this.#isOver) this.#isLeft = true;
    this.#finish();
    this.#cancel(new CanceledError('nobody wants the rest of the results'));
    this.#wake();
    if (this.#running > 0) await this.#noneRuns();
    if (this.#isLeft) await this.#source.close();
    return { done: true, value: undefined };
  }

  /** The signal has ended: nobody waits any longer, also not for what an error has left running. */
  onCanceled(): void {
    this.#isUrgent = true;
    // An error of an item has ended our own context before.
    const { cause } = this.#failure === undefined ? this.context : toContext(this.#signal);
    this.#failure = { error: cause };
    this.#cancel(cause);
    this.#wake();
  }

  get context(): Context {
    return this.#context as Context;
  }

  get fn(): MapFunction<T, R> {
    return this.#fn;
  }

  /** The outcome of an item is known. */
  settled(entry: MapEntry<T, R>, ok: boolean, result: unknown): void {
    if (this.#failure !== undefined || this.#isOver) return;
    if (!ok && (this.#toResult === undefined || !entry.isBegun || this.#scheduler.context.done)) {
      this.#fail(result);
      return;
    }
    entry.finish(ok, result);
    if (!this.#isOrdered) this.#entries.pushBack(entry);
  }

  /** It runs no longer. */
  ended(entry: MapEntry<T, R>, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#running--;
    if (entry.isDelivered && !this.#isOver) this.#spares.push(entry);
    if (this.#running === 0) this.#noneRunsNow();
    this.#wake();
  }

  #start(): void {
    this.#context = withCancel(this.#signal);
    try {
      if (this.#signal !== undefined) this.listenTo(this.#signal);
    } catch (error) {
      // It may be written by hand.
      this.#fail(error);
    }
    this.#pump();
  }

  /** {@link #poll}, unless others have asked before. */
  #pollFirst(): IteratorResult<Out, undefined> | undefined {
    if (this.#requests.length > 0 || this.#isOnItsWay) return undefined;
    if (this.#context === undefined && !this.#isOver) this.#start();
    return this.#poll();
  }

  #waitAs(place: 'first' | 'last'): Promise<IteratorResult<Out, undefined>> {
    return new Promise<void>((open) => {
      if (place === 'first') this.#requests.pushFront(open);
      else this.#requests.pushBack(open);
    }).then(this.#answer);
  }

  /** What can be told now, and with it takes in more. Nothing: it has to be waited for. */
  #poll(): IteratorResult<Out, undefined> | undefined {
    if (this.#isOver) return { done: true, value: undefined };
    if (this.#failure !== undefined) {
      if (this.#running > 0 && !this.#isUrgent) return undefined;
      this.#finish();
      this.#source.abandon();
      throw this.#failure.error;
    }
    const entry = this.#entries.at(0);
    if (entry?.isDone === true) {
      this.#entries.popFront();
      this.#delivered++;
      const value = entry.deliver(this.#toResult);
      if (entry.hasEnded) this.#spares.push(entry);
      this.#pump();
      return { done: false, value };
    }
    if (!this.#source.isExhausted || this.#delivered < this.#taken) return undefined;
    this.#finish();
    return { done: true, value: undefined };
  }

  #canPoll(): boolean {
    if (this.#isOver) return true;
    if (this.#failure !== undefined) return this.#running === 0 || this.#isUrgent;
    if (this.#entries.at(0)?.isDone === true) return true;
    return this.#source.isExhausted && this.#delivered === this.#taken;
  }

  /** Lets the first request go on, in the context of who has made it. */
  #wake(): void {
    if (this.#isOnItsWay || this.#requests.length === 0 || !this.#canPoll()) return;
    this.#isOnItsWay = true;
    this.#requests.popFront()?.();
  }

  readonly #answer = (): IteratorResult<Out, undefined> | Promise<IteratorResult<Out, undefined>> => {
    this.#isOnItsWay = false;
    try {
      // An item has failed on the way: it waits again, for those that still run.
      return this.#poll() ?? this.#waitAs('first');
    } finally {
      this.#wake();
    }
  };

  #pump(): void {
    while (!this.#source.isBusy && !this.#source.isExhausted && this.#mayTake()) {
      this.#source.read(this.#onItem, this.#onSourceEnd, this.#onSourceError);
    }
  }

  #mayTake(): boolean {
    if (this.#failure !== undefined || this.#isOver) return false;
    return this.#taken - this.#delivered < Math.min(this.#scheduler.concurrency, mostAhead);
  }

  readonly #onItem = (item: T | PromiseLike<T>, isLate: boolean): void => {
    // It may reject before its turn, or never have one.
    if (isPromise(item)) lookAfter(item);
    if (this.#failure !== undefined || this.#isOver) return;
    const entry = this.#spares.pop() ?? new MapEntry<T, R>(this);
    entry.begin(item, this.#taken++);
    this.#running++;
    if (this.#isOrdered) this.#entries.pushBack(entry);
    try {
      void this.#scheduler.submit(entry.operation, entry.spec, this.#source.isArray ? this.#nowMs : NaN);
    } catch (error) {
      // The signal may be a context that is written by hand: there is no such task.
      entry.settled(false, error);
      entry.ended(false, error, NaN);
    }
    if (isLate) this.#pump();
  };

  readonly #onSourceEnd = (): void => {
    this.#wake();
  };

  readonly #onSourceError = (error: unknown): void => {
    this.#fail(error);
    this.#wake();
  };

  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#isOver) return;
    this.#failure = { error };
    this.#cancel(error);
    if (this.#running === 0) this.#noneRunsNow();
    this.#wake();
  }

  #noneRunsNow(): void {
    // The error is what is thrown, whatever its signal does.
    if (this.#failure !== undefined) this.stopListening();
    for (const tell of this.#onNoneRunning.splice(0)) tell();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.stopListening();
    if (this.#running === 0) this.#context?.cancel();
    this.#entries.clear();
    this.#spares.length = 0;
  }

  /** With everything that runs. */
  #cancel(cause: unknown): void {
    if (this.#context === undefined) return;
    this.#context.cancel(cause);
    if (this.#running > 0) this.#scheduler.scopeEnded(this.#context);
  }

  #noneRuns(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNoneRunning.push(resolve);
    });
  }
}
