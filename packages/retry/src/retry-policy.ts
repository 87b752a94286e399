import type { ExecuteOptions, Operation, Policy } from '@patterns/context';
import { checkFunction } from '@patterns/context/internal';
import type { AttemptContext } from './attempt.ts';
import { runUnderBoth } from './retry.ts';
import { resolveOptions, type ResolvedOptions, type RetryOptions } from './retry-options.ts';

/**
 * Options kept, to be used many times, at once too, or in a pipeline. A `signal` here ends every call, besides the call's own.
 * Holds no state but its options: calls have nothing in common but the budget, if there is one.
 *
 * @example
 * ```ts
 * const policy = new RetryPolicy({ name: 'users', maxAttempts: 5, budget: new RetryBudget() });
 * const user = await policy.execute((ctx) => loadUser('7', { signal: ctx.signal }));
 * ```
 */
export class RetryPolicy implements Policy {
  readonly name: string | undefined;
  readonly kind: 'retry' = 'retry' as const;
  readonly #options: ResolvedOptions<unknown>;

  /**
   * @throws {RangeError} for an option out of range
   * @throws {TypeError} for one of the wrong type
   */
  constructor(options: RetryOptions = {}) {
    this.#options = resolveOptions(options);
    this.name = this.#options.name;
  }

  execute<T>(operation: Operation<T, AttemptContext>, options?: ExecuteOptions): Promise<T> {
    return runUnderBoth(operation, this.#options, options?.signal);
  }

  /** @throws {TypeError} if `fn` is no function */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => T | PromiseLike<T>,
  ): (this: This, ...args: A) => Promise<T> {
    checkFunction('fn', fn);
    const execute = <R>(operation: Operation<R>): Promise<R> => this.execute(operation);
    return function (...args) {
      return execute(() => fn.apply(this, args));
    };
  }
}
