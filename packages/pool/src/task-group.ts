import {
  merge,
  withCancel,
  type CancelableContext,
  type Context,
  type Operation,
  type WaitOptions,
} from '@patterns/context';
import { asyncDisposeWith, CancellationListener, checkCancellation } from '@patterns/context/internal';
import { WaitQueue } from '@patterns/structures';
import { passedDeadline } from './occupancy-waits.ts';
import type { Scheduler } from './scheduler.ts';
import { checkOperation, observed, specOf, type TaskObserver, type TaskOptions } from './task-spec.ts';

/** Tasks of one pool that belong together. The first error cancels the rest: what waits never starts. Disposing cancels and waits. */
export interface TaskGroup<T> extends AsyncDisposable {
  /** Done with the first error as its cause; as `signal` ends; or, when {@link wait} has found all well, canceled. */
  readonly context: Context;
  /** All of them, in time; those too that tasks end with which have been canceled, unless that is the cause they were canceled with. */
  readonly errors: readonly unknown[];
  /** Not awaited, never throws for what the task does. Its own `signal` ends it besides the group. */
  go(task: Operation<T>, options?: TaskOptions): void;
  /** Results in the order of `go`, `[]` for none. @throws the first error, or the reason of the group's signal, after all have ended */
  wait(options?: WaitOptions): Promise<T[]>;
}

export class PoolTaskGroup<T> extends CancellationListener implements TaskGroup<T>, GroupOwner {
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  static {
    asyncDisposeWith(PoolTaskGroup, 'dispose');
  }

  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new PoolTaskGroup(undefined as never, undefined);

  readonly #scheduler: Scheduler;
  readonly #context: CancelableContext;
  readonly #results: T[] = [];
  readonly #errors: unknown[] = [];
  /** What has ended the group, or has come when all was well. */
  #failure: Failure | undefined = undefined;
  readonly #waiting = new WaitQueue<void>({ refuse: passedDeadline, timed: false });
  #submitted = 0;
  #pending = 0;
  /** A wait has found it so: whatever comes later fails, and is told. */
  #isWell = false;

  constructor(scheduler: Scheduler, options: WaitOptions | undefined) {
    super();
    const { signal } = options ?? {};
    checkCancellation(signal, 'signal');
    this.#scheduler = scheduler;
    this.#context = withCancel(signal);
  }

  get context(): Context {
    return this.#context;
  }

  get errors(): readonly unknown[] {
    return [...this.#errors];
  }

  go(task: Operation<T>, options?: TaskOptions): void {
    const index = this.#submitted++;
    // Only while there are tasks: a signal that lives on must not keep a group that nobody has waited for.
    if (this.#pending++ === 0) this.listenTo(this.#context);
    let both: CancelableContext | undefined;
    try {
      checkOperation(task);
      const spec = specOf(options, this.#scheduler.concurrency);
      both = spec.caller === undefined ? undefined : merge(this.#context, spec.caller);
      const [asked, scope] = both === undefined ? [spec, this.#context] : [{ ...spec, caller: both }, undefined];
      void this.#scheduler.submit(task, observed(asked, new GroupTask(this, index, both), scope, true, false));
    } catch (error) {
      // Misuse, or a context that is written by hand: there is no such task.
      both?.cancel();
      this.settled(index, false, error);
      this.ended(undefined);
    }
  }

  async wait(options?: WaitOptions): Promise<T[]> {
    // Somebody may have added to them since the last one ended.
    do await this.#allEnded(options);
    while (this.#pending > 0);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#context.done && !this.#isWell) throw this.#context.cause;
    this.#isWell = true;
    this.#context.cancel();
    return [...this.#results];
  }

  async dispose(): Promise<void> {
    this.#context.cancel();
    await this.#allEnded();
  }

  onCanceled(): void {
    this.#scheduler.scopeEnded(this.#context);
  }

  settled(index: number, ok: boolean, result: unknown): void {
    if (ok) this.#results[index] = result as T;
    else if (!this.#isOwnCause(result)) this.#fail(result);
  }

  /** @param late what the operation has ended with after its task: nobody but the list of errors is told */
  ended(late: Failure | undefined): void {
    if (late !== undefined && !this.#isOwnCause(late.error)) this.#errors.push(late.error);
    if (--this.#pending > 0) return;
    this.stopListening();
    while (this.#waiting.serve());
  }

  async #allEnded(options?: WaitOptions): Promise<void> {
    const waiting = this.#waiting.wait(undefined, options);
    if (this.#pending === 0) this.#waiting.serveLast();
    await waiting;
  }

  #fail(error: unknown): void {
    this.#errors.push(error);
    if (this.#isWell || !this.#context.done) this.#failure ??= { error };
    this.#context.cancel(error);
  }

  /** What ends because the group has is told the cause of that, which is no error of its own. */
  #isOwnCause(error: unknown): boolean {
    return !this.#isWell && this.#context.done && Object.is(error, this.#context.cause);
  }
}

/** The group, as its tasks see it. */
interface GroupOwner {
  settled(index: number, ok: boolean, result: unknown): void;
  ended(late: Failure | undefined): void;
}

/** Anything can be thrown, `undefined` too. */
interface Failure {
  readonly error: unknown;
}

class GroupTask implements TaskObserver {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new GroupTask(undefined as never, 0, undefined);

  readonly #group: GroupOwner;
  readonly #index: number;
  /** The group and the task's own signal. */
  readonly #both: CancelableContext | undefined;
  /** What the task has failed with, while its operation may still run. */
  #failure: Failure | undefined = undefined;

  constructor(group: GroupOwner, index: number, both: CancelableContext | undefined) {
    this.#group = group;
    this.#index = index;
    this.#both = both;
  }

  settled(ok: boolean, result: unknown): void {
    if (!ok) this.#failure = { error: result };
    this.#group.settled(this.#index, ok, result);
  }

  ended(ok: boolean, result: unknown): void {
    this.#both?.cancel();
    const isLate = !ok && !Object.is(result, this.#failure?.error);
    this.#group.ended(isLate ? { error: result } : undefined);
  }
}
