import type { Operation, Policy, WaitOptions } from '@patterns/context';
import { asyncDisposeWith, checkFunction, checkMs, checkSize, checkType } from '@patterns/context/internal';
import type { Result } from '@patterns/errors';
import { GoTasks } from './go-tasks.ts';
import type { MapFunction } from './map-entry.ts';
import type { MapSource } from './map-source.ts';
import { PoolMap, type MapOptions, type MapResults } from './pool-map.ts';
import type { TaskPoolStats } from './pool-stats.ts';
import type { RunningTask } from './running-task.ts';
import { Scheduler } from './scheduler.ts';
import { PoolTaskGroup, type TaskGroup } from './task-group.ts';
import { resolveOptions, type TaskPoolOptions } from './task-pool-options.ts';
import { checkOperation, observed, plainSpec, specOf, type TaskOptions, type TaskSpec } from './task-spec.ts';

export interface CloseOptions {
  /** Run what waits, or reject it with `PoolClosedError`. @defaultValue true */
  readonly drain?: boolean | undefined;
  /** Then rejects what waits, ends the contexts of what runs, and waits no longer: what ignores its context is rejected with `PoolClosedError`. @defaultValue Infinity */
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs at most `concurrency` tasks at a time. A task starts in a microtask, never inside the call that submits it, in the AsyncLocalStorage context of its submitter;
 * it counts as running from the moment it has a slot. The head of the queue blocks those behind it, also where a lighter one would fit.
 *
 * When the signal or a timeout ends a task, its promise rejects at once; one that waits leaves the queue in O(1), one that runs keeps its slot until it has ended
 * (see `release`), and what it ends with is ignored. Never an unhandled rejection from inside. Submitting, starting and leaving are O(1); O(log p) where p priorities are in use.
 *
 * @example
 * ```ts
 * await using pool = new TaskPool({ name: 'crawler', concurrency: 10 });
 * const page = await pool.run((ctx) => fetch('https://example.com/', { signal: ctx.signal }), { timeoutMs: 5_000 });
 * ```
 */
export class TaskPool implements Policy, AsyncDisposable {
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  readonly name: string | undefined;
  readonly kind: 'task-pool' = 'task-pool' as const;
  readonly #scheduler: Scheduler;
  readonly #going = new GoTasks();
  readonly #goSpec: TaskSpec = observed(plainSpec, this.#going, undefined, false, false);

  /**
   * @throws {RangeError} for an option out of range
   * @throws {TypeError} for one of the wrong type
   */
  constructor(options: TaskPoolOptions) {
    const resolved = resolveOptions(options);
    this.name = resolved.name;
    this.#scheduler = new Scheduler(resolved);
  }

  /** Waiting, in the queue and before it. */
  get size(): number {
    return this.#scheduler.size;
  }

  /** Running: those that have a slot, and what callers run. */
  get active(): number {
    return this.#scheduler.active;
  }

  get concurrency(): number {
    return this.#scheduler.concurrency;
  }

  /**
   * Runs it as soon as there is a slot.
   *
   * @throws {PoolFullError} the queue is full, or the task was dropped from it
   * @throws {PoolClosedError} the pool closes
   * @throws {TaskTimeoutError} `queueTimeoutMs` or `timeoutMs` passed
   * @throws {NestedWaitError} it could never start
   * @throws the reason of `signal`, of that of the pool, or of `clear`; or what the task throws
   * @throws {TypeError} {RangeError} an option is wrong, or the task no function. All of these are rejections
   */
  run<T>(task: Operation<T>, options?: TaskOptions): Promise<T> {
    try {
      checkOperation(task);
      return this.#scheduler.submit(task, specOf(options, this.#scheduler.concurrency)) as Promise<T>;
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a TypeError or a RangeError
      return Promise.reject(error);
    }
  }

  /** Takes a slot at once or not at all: `undefined` when it would have to wait. Rejects as {@link run} where waiting would not help. */
  tryRun<T>(task: Operation<T>, options?: TaskOptions): Promise<T> | undefined {
    try {
      checkOperation(task);
      return this.#scheduler.trySubmit(task, specOf(options, this.#scheduler.concurrency)) as Promise<T> | undefined;
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a TypeError or a RangeError
      return Promise.reject(error);
    }
  }

  /** {@link run}, by the name that policies have. */
  execute<T>(operation: Operation<T>, options?: TaskOptions): Promise<T> {
    return this.run(operation, options);
  }

  /** The same function in the pool: `this` and arguments pass through. It gets no context. */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => T | PromiseLike<T>,
  ): (this: This, ...args: A) => Promise<T> {
    checkFunction('fn', fn);
    const run = <R>(operation: Operation<R>): Promise<R> => this.run(operation);
    return function (...args) {
      return run(() => fn.apply(this, args));
    };
  }

  /** Fire and forget: what {@link run} would reject with comes out of the next {@link wait}. */
  go(task: Operation<unknown>, options?: TaskOptions): void {
    this.#going.begin();
    try {
      checkOperation(task);
      const spec =
        options === undefined
          ? this.#goSpec
          : observed(specOf(options, this.#scheduler.concurrency), this.#going, undefined, false, false);
      void this.#scheduler.submit(task, spec);
    } catch (error) {
      this.#going.settled(false, error);
      this.#going.ended();
    }
  }

  /** Until all tasks of {@link go} have ended. @throws the first error since the last wait; several: a `JoinedError` of the first 100 */
  wait(options?: WaitOptions): Promise<void> {
    return this.#going.wait(options);
  }

  /**
   * Lazily, with back pressure: takes at most `concurrency` items ahead of the consumer (and at most 1 000), and waits for a place instead of overflowing. The first error
   * cancels the rest and is thrown when they have ended. Leaving the loop cancels what runs; its `return()` waits for that and closes the source.
   */
  map<T, R>(
    source: Iterable<T | PromiseLike<T>> | AsyncIterable<T>,
    fn: MapFunction<T, R>,
    options?: MapOptions,
  ): MapResults<R> {
    return new PoolMap<T, R, R>(this.#scheduler, source as MapSource<T>, fn, options, undefined);
  }

  /** {@link map} that goes on after errors of `fn`. An item that is a rejecting promise counts as one. */
  mapSettled<T, R>(
    source: Iterable<T | PromiseLike<T>> | AsyncIterable<T>,
    fn: MapFunction<T, R>,
    options?: MapOptions,
  ): MapResults<Result<R>> {
    return new PoolMap<T, R, Result<R>>(this.#scheduler, source as MapSource<T>, fn, options, settledResult);
  }

  /** Tasks that belong together. */
  group<T = unknown>(options?: WaitOptions): TaskGroup<T> {
    return new PoolTaskGroup<T>(this.#scheduler, options);
  }

  /** Up: starts what fits. Down: what runs is not touched; a waiting task that now weighs more than everything will run alone. @throws {RangeError} below 1 */
  resize(concurrency: number): void {
    checkSize('concurrency', concurrency, 1);
    this.#scheduler.resize(concurrency);
  }

  /** Starts nothing until {@link resume}; what runs goes on. A pool that closes is not paused any more. */
  pause(): void {
    this.#scheduler.pause();
  }

  resume(): void {
    this.#scheduler.resume();
  }

  /** Rejects what waits, with `reason` or a `CanceledError`. @returns how many */
  clear(reason?: unknown): number {
    return this.#scheduler.clear(reason);
  }

  /** Until fewer than `n` tasks wait: back pressure for who submits in a loop. @throws {RangeError} below 1 */
  async whenBelow(n: number, options?: WaitOptions): Promise<void> {
    checkSize('n', n, 1);
    await this.#scheduler.whenBelow(n, options);
  }

  /** Until nothing runs or waits. */
  idle(options?: WaitOptions): Promise<void> {
    return this.#scheduler.idle(options);
  }

  /**
   * Refuses new tasks with `PoolClosedError`, also those of running tasks, then {@link CloseOptions}. Resolves when all promises of `run` have settled.
   * Called again: the same promise. A pool that is paused goes on, to drain.
   */
  close(options?: CloseOptions): Promise<void> {
    try {
      const { drain = true, timeoutMs = Infinity } = options ?? {};
      checkType('drain', drain, typeof drain === 'boolean', 'a boolean');
      checkMs('timeoutMs', timeoutMs);
      return this.#scheduler.close(drain, timeoutMs);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a TypeError or a RangeError
      return Promise.reject(error);
    }
  }

  stats(): TaskPoolStats {
    return this.#scheduler.stats();
  }

  /** What has a slot, in no particular order: who keeps a pool busy that has stalled. O({@link active}). */
  running(): RunningTask[] {
    return this.#scheduler.running();
  }
}

asyncDisposeWith(TaskPool, 'close');

function settledResult<R>(ok: boolean, result: unknown): Result<R> {
  return ok ? { ok, value: result as R } : { ok: false, error: result };
}
