import {
  systemClock,
  withTimeout,
  type CancelableContext,
  type Clock,
  type Context,
  type Operation,
} from '@patterns/context';
import { CancellationListener, clockOf } from '@patterns/context/internal';
import type { AttemptContext, RetryAttempt } from './attempt.ts';
import type { ResolvedOptions } from './retry-options.ts';

const deadlineName = 'attempt';

/**
 * Runs the operation on a context of its own and settles after `attemptTimeoutMs` at the latest, whether the operation stops or not. What it still
 * does then is ignored; the context ends with the attempt.
 */
export function withAttemptTimeout<T>(
  operation: Operation<T, AttemptContext>,
  attempt: RetryAttempt,
  parent: Context,
  { attemptTimeoutMs, clock }: Pick<ResolvedOptions<T>, 'attemptTimeoutMs' | 'clock'>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    new TimedAttempt(parent, attemptTimeoutMs, clock, resolve, reject).run(operation, attempt);
  });
}

class TimedAttempt<T> extends CancellationListener {
  readonly #parent: Context;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #context: CancelableContext;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  /** What is left of the timeout once the caller has given up, which ends {@link #context}. */
  #overtime: CancelableContext | undefined = undefined;

  constructor(
    parent: Context,
    timeoutMs: number,
    clock: Clock | undefined,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    super();
    this.#parent = parent;
    this.#timeoutMs = timeoutMs;
    const inherited = clockOf(parent);
    this.#clock = inherited ?? clock ?? systemClock;
    this.#startedAt = this.#clock.now();
    this.#context = withTimeout(parent, timeoutMs, { name: deadlineName, clock: inherited ?? clock });
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(operation: Operation<T, AttemptContext>, attempt: RetryAttempt): void {
    this.listenTo(this.#context);
    // In a reaction, so that a synchronous throw is a rejection, and a thenable of any kind is taken for a promise.
    new Promise<T>((resolve) => {
      resolve(operation(attempt.on(this.#context)));
    }).then(
      (value) => {
        this.#end();
        this.#resolve(value);
      },
      (error: unknown) => {
        this.#end();
        this.#reject(error);
      },
    );
  }

  override onCanceled(): void {
    const ended = this.#overtime ?? this.#context;
    if (this.#overtime === undefined && this.#parent.done) {
      // The caller gave up: the operation has been told and may end in its own way, but in the time it had.
      const leftMs = this.#startedAt + this.#timeoutMs - this.#clock.now();
      this.#overtime = withTimeout(undefined, leftMs, { name: deadlineName, clock: this.#clock });
      this.listenTo(this.#overtime);
      return;
    }
    this.#reject(ended.cause);
    this.#end();
  }

  #end(): void {
    this.stopListening();
    this.#overtime?.cancel();
    this.#context.cancel();
  }
}
