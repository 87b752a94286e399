import {
  background,
  systemClock,
  withTimeout,
  type CancelableContext,
  type Clock,
  type Context,
} from '@patterns/context';
import { CancellationListener, clockOf, endIfOverdue } from '@patterns/context/internal';
import { TaskTimeoutError } from './task-timeout-error.ts';
import type { TaskContext } from './task-context.ts';
import { plainSpec } from './task-spec.ts';
import { WatchedTask, type WaitingTask } from './waiting-task.ts';

/** A child of `parent` that ends with `error` after `timeoutMs`, on the clock of the pool unless the parent lives by another. All of a clock share one timer. */
export function limitedBy(
  parent: Context,
  timeoutMs: number,
  error: TaskTimeoutError,
  clock: Clock,
): CancelableContext {
  const options = clockOf(parent) === undefined ? { cause: error, clock } : { cause: error };
  return withTimeout(parent, timeoutMs, options);
}

/** Takes a waiting task out of the queue when its signal ends or it has waited too long. */
export class TaskWatch extends CancellationListener {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new TaskWatch(
    /* @__PURE__ */ new WatchedTask(() => undefined, plainSpec, NaN),
    undefined,
    false,
    systemClock,
    undefined,
    () => undefined,
  );

  readonly #task: WaitingTask;
  readonly #leave: (task: WaitingTask, cause: unknown, timedOut: boolean) => void;
  readonly #timeout: TaskTimeoutError | undefined;
  readonly #limited: CancelableContext | undefined;
  readonly #context: Context;
  /** That of the task which has submitted this one, and waits for it. */
  readonly parent: TaskContext | undefined;
  /** It stands before the queue, not in it. */
  isOutside: boolean;
  #hasLeft = false;

  constructor(
    task: WaitingTask,
    parent: TaskContext | undefined,
    isOutside: boolean,
    clock: Clock,
    policy: string | undefined,
    leave: (task: WaitingTask, cause: unknown, timedOut: boolean) => void,
  ) {
    super();
    this.#task = task;
    this.parent = parent;
    this.isOutside = isOutside;
    this.#leave = leave;
    const { queueTimeoutMs, caller = background() } = task.spec;
    if (queueTimeoutMs === Infinity) {
      this.#context = caller;
    } else {
      this.#timeout = new TaskTimeoutError('queue', queueTimeoutMs, { policy });
      this.#context = this.#limited = limitedBy(caller, queueTimeoutMs, this.#timeout, clock);
    }
  }

  /** Whether it has left when it was about to start: its time may be over, and the timer late. */
  leavesInstead(): boolean {
    endIfOverdue(this.#context);
    return this.#hasLeft;
  }

  start(): void {
    try {
      this.listenTo(this.#context);
    } catch (error) {
      // It may be written by hand.
      this.#leave(this.#task, error, false);
    }
  }

  stop(): void {
    this.stopListening();
    // Does nothing if that is what ended it.
    this.#limited?.cancel();
  }

  onCanceled(): void {
    this.#hasLeft = true;
    const { cause } = this.#context;
    this.#leave(this.#task, cause, this.#timeout !== undefined && cause === this.#timeout);
  }
}
