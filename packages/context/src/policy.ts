import type { Context } from './context.ts';
import type { WaitOptions } from './wait-options.ts';

/** Work to be run under a policy. Always gets a context; may be synchronous. */
export type Operation<T, C extends Context = Context> = (ctx: C) => T | PromiseLike<T>;

export interface ExecuteOptions extends WaitOptions {
  /** Names the call for policies that group calls (coalesce, caches, keyed pools and limits); the others ignore it. */
  readonly key?: string | undefined;
  /** The operation may run twice at the same time without harm: hedging needs to know. @defaultValue what the policy says, else false */
  readonly idempotent?: boolean | undefined;
}

/**
 * What all packages share. `Added` is what it may resolve with besides the operation's own value: a fallback's; `never` for the rest.
 * Structural: implement `execute` and `wrap`.
 */
export interface Policy<out Added = never> {
  /** Given by the user; names the instance in errors (`PatternError.policy`), events and messages. */
  readonly name?: string | undefined;
  /** What it is: `'retry'`, `'breaker'`, `'timeout'` ... For warnings about orders, and telemetry. */
  readonly kind?: string | undefined;
  /**
   * Ends as the operation does, or rejects with this policy's refusal. When `signal` ends, the policy's own waits end at once with its reason; a running operation is told through its context
   * and awaited, unless the policy says otherwise. Zero calls if `signal` has ended before.
   */
  execute<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<T | Added>;
  /** The same function under the policy: `this` and arguments pass through. It gets no context, so that a timeout or a caller who gave up cannot stop it: use {@link execute} where it must hear of that. */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => T | PromiseLike<T>,
  ): (this: This, ...args: A) => Promise<T | Added>;
  /** Type only, never present: carries `Added` to `pipeline`. A policy of your own that widens must declare it. */
  readonly '~adds'?: () => Added;
}
