import { RetryAttempt, type AttemptContext, type AttemptInfo } from './attempt.ts';
import { contextOf } from './retry.ts';
import { RetryCall, type Failure } from './retry-call.ts';
import { resolveOptions, type ResolvedOptions, type RetryOptions } from './retry-options.ts';

export interface Attempt extends AttemptContext {
  /** Ends this attempt as failed: the loop waits and goes on, or throws what {@link retry} would. Of several errors the first counts. */
  failed(error: unknown): void;
}

export type AttemptsOptions = Omit<RetryOptions, 'retryResultIf' | 'attemptTimeoutMs'>;

/**
 * {@link retry} as a loop, where a closure would be in the way. A body that ends without `failed` ends the loop, as `break` and `return` do,
 * as a success. What the body throws leaves the loop at once. Each iteration over the same object is a call of its own.
 *
 * @throws {RangeError} for an option out of range
 * @throws {TypeError} for one of the wrong type
 * @example
 * ```ts
 * for await (const attempt of attempts({ maxAttempts: 5 })) {
 *   try {
 *     await connect({ signal: attempt.signal });
 *   } catch (error) {
 *     attempt.failed(error);
 *   }
 * }
 * ```
 */
export function attempts(options: AttemptsOptions = {}): AsyncIterable<Attempt> {
  const resolved = resolveOptions(options);
  return { [Symbol.asyncIterator]: () => loop(resolved) };
}

async function* loop(options: ResolvedOptions<unknown>): AsyncGenerator<Attempt, void, undefined> {
  const call = new RetryCall(options, contextOf(options.signal));
  for (;;) {
    const info = call.begin();
    if (info === undefined) {
      call.giveUp('canceled');
      return;
    }
    const attempt = new LoopAttempt(call, info);
    try {
      yield attempt;
    } finally {
      // Also on `break`, `return` and `throw`, which end the generator here.
      if (attempt.failure === undefined) call.succeeded();
    }
    if (attempt.failure === undefined) return;
    const reason = await call.next(attempt.failure, attempt);
    if (reason !== undefined) call.giveUp(reason);
  }
}

class LoopAttempt extends RetryAttempt implements Attempt {
  #failure: Failure<unknown> | undefined;

  constructor(call: RetryCall<unknown>, { attempt, previousError }: AttemptInfo) {
    super(call, call.parent, attempt, previousError);
  }

  get failure(): Failure<unknown> | undefined {
    return this.#failure;
  }

  failed(error: unknown): void {
    this.#failure ??= { thrown: true, error, value: undefined };
  }
}
