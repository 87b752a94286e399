import {
  withCancel,
  type CancelableContext,
  type Clock,
  type Context,
  type ContextKey,
  type Operation,
} from '@patterns/context';
import { CancellationListener, isPromiseLike, whenSettled } from '@patterns/context/internal';
import type { TaskOutcome } from './diagnostics.ts';
import type { RunningTask } from './running-task.ts';
import type { Settler } from './settler.ts';
import { TaskContext } from './task-context.ts';
import { plainSpec, type TaskSpec } from './task-spec.ts';
import { TaskTimeoutError } from './task-timeout-error.ts';
import { limitedBy } from './task-watch.ts';

/** What slots have in common: the pool, as they see it. */
export interface SlotOwner {
  readonly name: string | undefined;
  readonly clock: Clock;
  /** The parent of all contexts. Done: the pool has been ended, and nothing starts any more. */
  readonly context: Context;
  readonly taskKey: ContextKey<TaskContext | undefined>;
  taskStarted(slot: TaskSlot): void;
  /** It ended before it could start. */
  taskMissed(slot: TaskSlot, reason: 'canceled' | 'closed'): void;
  /** The promise of the task settles now. */
  taskSettled(slot: TaskSlot, outcome: TaskOutcome, error: unknown, nowMs: number): void;
  /** The slot is free again: for the next task, unless the operation still runs in it. `nowMs` is NaN where the clock has not been read. */
  slotFreed(slot: TaskSlot, isReusable: boolean, nowMs: number): void;
}

/** Why a task never starts though it has its slot. */
interface Missed {
  readonly reason: 'canceled' | 'closed';
  readonly cause: unknown;
}

/** Where one task after another runs. It is used again, so that its reactions to how an operation ends are made once and not for each task. */
export class TaskSlot extends CancellationListener implements Settler {
  readonly #owner: SlotOwner;
  spec: TaskSpec = plainSpec;
  /** NaN: it did not have to wait. */
  submittedAtMs = 0;
  /** NaN: the clock is read when it begins. */
  startedAtMs = 0;
  /** Among those that run. */
  index = 0;
  /** Part of the limit; not so what the caller runs. */
  isCounted = true;
  /** That of the task which has submitted this one, and waits for it. */
  parent: TaskContext | undefined = undefined;
  /** How many tasks this one has submitted that it waits for. */
  awaits = 0;
  /** It can take part in a deadlock: it is inside the limit, or one that is waits for it. */
  takesPart = true;
  resolve: ((value: unknown) => void) | undefined = undefined;
  reject: ((error: unknown) => void) | undefined = undefined;
  #operation: Operation<unknown> | undefined = undefined;
  #context: TaskContext | undefined = undefined;
  /** What the task's context stands on, where that is the task's alone. */
  #node: CancelableContext | undefined = undefined;
  #timeout: TaskTimeoutError | undefined = undefined;
  #isSettled = false;
  /** The operation has outlived its slot. */
  #isLate = false;

  constructor(owner: SlotOwner) {
    super();
    this.#owner = owner;
  }

  get taskKey(): ContextKey<TaskContext | undefined> {
    return this.#owner.taskKey;
  }

  /** Takes on a task, which starts with {@link begin}: in a reaction that its submitter has registered. */
  assign(
    operation: Operation<unknown>,
    spec: TaskSpec,
    submittedAtMs: number,
    startedAtMs: number,
    isCounted: boolean,
    parent: TaskContext | undefined,
  ): void {
    this.#operation = operation;
    this.spec = spec;
    this.submittedAtMs = submittedAtMs;
    this.startedAtMs = startedAtMs;
    this.isCounted = isCounted;
    this.parent = parent;
    this.awaits = 0;
    this.takesPart = isCounted;
    this.#isSettled = false;
  }

  readonly begin = (): void => {
    const missed = this.#missed();
    if (missed !== undefined) {
      this.#isSettled = true;
      this.#owner.taskMissed(this, missed.reason);
      this.#tell(false, missed.cause);
      this.#free(false, missed.cause, NaN);
      return;
    }
    if (Number.isNaN(this.startedAtMs)) this.startedAtMs = this.#owner.clock.now();
    if (Number.isNaN(this.submittedAtMs)) this.submittedAtMs = this.startedAtMs;
    this.#owner.taskStarted(this);
    let context: TaskContext;
    try {
      context = this.#enterContext();
    } catch (error) {
      // That of the caller may be written by hand.
      this.#end(false, error);
      return;
    }
    this.#run(this.#operation as Operation<unknown>, context);
  };

  describe(nowMs: number): RunningTask {
    const { name, key, priority, weight } = this.spec;
    // It may have the slot and not have begun.
    const startedAtMs = Number.isNaN(this.startedAtMs) ? nowMs : this.startedAtMs;
    const submittedAtMs = Number.isNaN(this.submittedAtMs) ? startedAtMs : this.submittedAtMs;
    const [waitMs, runMs] = [Math.max(0, startedAtMs - submittedAtMs), Math.max(0, nowMs - startedAtMs)];
    return { name, key, priority, weight, waitMs, runMs, settled: this.#isSettled };
  }

  /** The pool has been ended, or the scope of the task. */
  cancel(cause: unknown): void {
    if (this.#node !== undefined) this.#node.cancel(cause);
    else if (this.#context !== undefined) this.#settle('canceled', cause, this.#owner.clock.now());
  }

  /** {@link cancel}, without waiting for the operation. */
  abandon(cause: unknown): void {
    this.cancel(cause);
    if (this.#context !== undefined) this.#giveUp(cause);
  }

  /** The context has ended before the operation has. */
  onCanceled(): void {
    const { cause } = this.#node as Context;
    const timedOut = this.#timeout !== undefined && cause === this.#timeout;
    this.#settle(timedOut ? 'timed-out' : 'canceled', cause, this.#owner.clock.now());
    if (timedOut && this.spec.release === 'timeout') this.#giveUp(cause);
  }

  /** What has happened between taking the slot and now. */
  #missed(): Missed | undefined {
    const { caller } = this.spec;
    const { context } = this.#owner;
    try {
      if (caller?.done === true) return { reason: 'canceled', cause: caller.cause };
    } catch (error) {
      return { reason: 'canceled', cause: error };
    }
    return context.done ? { reason: 'closed', cause: context.cause } : undefined;
  }

  #enterContext(): TaskContext {
    const { timeoutMs, caller, isScoped } = this.spec;
    const { context, clock, name } = this.#owner;
    if (timeoutMs !== Infinity) {
      const timeout = new TaskTimeoutError('run', timeoutMs, { policy: name });
      this.#node = limitedBy(caller ?? context, timeoutMs, timeout, clock);
      this.#timeout = timeout;
    } else if (caller === undefined || isScoped) {
      // Whoever ends that tells the slot: the pool, or the owner of the scope.
      return (this.#context = new TaskContext(caller ?? context, this));
    } else {
      this.#node = withCancel(caller);
    }
    const own = (this.#context = new TaskContext(this.#node, this));
    this.listenTo(this.#node);
    return own;
  }

  #run(operation: Operation<unknown>, context: TaskContext): void {
    // A timeout of 0.
    if (this.#isSettled) {
      this.#end(false, context.cause);
      return;
    }
    let result: unknown;
    try {
      result = operation(context);
      if (isPromiseLike(result)) {
        void whenSettled(result, this.#onValue, this.#onError);
        return;
      }
    } catch (error) {
      this.#end(false, error);
      return;
    }
    this.#end(true, result);
  }

  readonly #onValue = (value: unknown): void => {
    this.#end(true, value);
  };

  readonly #onError = (error: unknown): void => {
    this.#end(false, error);
  };

  #end(ok: boolean, result: unknown): void {
    if (this.#isLate) return;
    const nowMs = this.#owner.clock.now();
    this.#settle(ok ? 'completed' : 'failed', result, nowMs);
    this.#free(ok, result, nowMs);
  }

  /** The operation runs on, and nobody cares any more. */
  #giveUp(cause: unknown): void {
    this.#isLate = true;
    this.#free(false, cause, this.#owner.clock.now());
  }

  #settle(outcome: TaskOutcome, result: unknown, nowMs: number): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const ok = outcome === 'completed';
    this.#owner.taskSettled(this, outcome, ok ? undefined : result, nowMs);
    this.#tell(ok, result);
  }

  #tell(ok: boolean, result: unknown): void {
    const { observer } = this.spec;
    if (observer !== undefined) observer.settled(ok, result);
    else if (ok) this.resolve?.(result);
    else this.reject?.(result);
  }

  #free(ok: boolean, result: unknown, nowMs: number): void {
    const { observer } = this.spec;
    if (this.#node !== undefined) {
      this.stopListening();
      // Takes it out of its parent's list; what was derived from it ends.
      this.#node.cancel();
      this.#node = this.#timeout = undefined;
    }
    if (this.#context !== undefined) this.#context.slot = undefined;
    this.#context = undefined;
    this.#operation = undefined;
    this.resolve = this.reject = undefined;
    this.#owner.slotFreed(this, !this.#isLate, nowMs);
    observer?.ended(ok, result, nowMs);
  }
}
