import {
  background,
  type CanceledError,
  type Context,
  type ContextKey,
  type DeadlineExceededError,
} from '@patterns/context';
import { markDelegating } from '@patterns/context/internal';
import type { TaskSlot } from './task-slot.ts';

/**
 * What an operation is given: the context that it ends with, and by which the pool knows its tasks again when they submit others. One small
 * object per task whose members delegate, so that a task that has neither a signal nor a timeout costs no node in the cancellation tree.
 */
export class TaskContext implements Context {
  static {
    markDelegating(this.prototype, (task) => task.base);
  }

  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new TaskContext(/* @__PURE__ */ background(), undefined);

  declare private readonly base: Context;
  /** @internal Where the task runs; undefined once it has ended. */
  declare slot: TaskSlot | undefined;

  constructor(base: Context, slot: TaskSlot | undefined) {
    this.base = base;
    this.slot = slot;
  }

  get signal(): AbortSignal {
    return this.base.signal;
  }
  get deadline(): number | undefined {
    return this.base.deadline;
  }
  get done(): boolean {
    return this.base.done;
  }
  get err(): CanceledError | DeadlineExceededError | undefined {
    return this.base.err;
  }
  get cause(): unknown {
    return this.base.cause;
  }
  remaining(): number {
    return this.base.remaining();
  }
  value<T, R extends T | undefined>(key: ContextKey<T, R>): R {
    // The key is that of `TaskContext`, which the compiler cannot see from its identity.
    if (key === (this.slot?.taskKey as unknown)) return this as unknown as R;
    return this.base.value(key);
  }
  throwIfDone(): void {
    this.base.throwIfDone();
  }
  toString(): string {
    return `${(this.base as { toString(): string }).toString()}.task`;
  }
}
