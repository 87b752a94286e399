import { background, toContext, type Cancellation, type Context, type Operation } from '@patterns/context';
import { checkCancellation } from '@patterns/context/internal';
import type { AttemptContext } from './attempt.ts';
import { withAttemptTimeout } from './attempt-timeout.ts';
import { checkType } from './check-option.ts';
import { RetryCall, type Failure } from './retry-call.ts';
import { resolveOptions, type ResolvedOptions, type RetryOptions } from './retry-options.ts';

const defaults: ResolvedOptions<unknown> = resolveOptions({});

/**
 * Calls `operation` until it succeeds or there is a reason to give up. A synchronous throw is a rejection; throwing `undefined` is a failure
 * too. No timer for a delay of 0, though the event loop gets its turn.
 * Rejects with a RangeError, and no call made, for an option out of range.
 *
 * Holds one timer, and only while it waits; a call that succeeds at once costs little more than the operation itself.
 *
 * @example
 * ```ts
 * const user = await retry((ctx) => loadUser('7', { signal: ctx.signal }), { maxAttempts: 5 });
 * ```
 */
export function retry<T>(operation: Operation<T, AttemptContext>, options?: RetryOptions<NoInfer<T>>): Promise<T> {
  let resolved: ResolvedOptions<T> = defaults;
  if (options !== undefined) {
    try {
      resolved = resolveOptions<T>(options);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  return run(operation, resolved, resolved.signal);
}

/** The loop behind {@link retry} and `RetryPolicy`: on the happy path one promise, and two small objects for the call and its attempt. */
export async function run<T>(
  operation: Operation<T, AttemptContext>,
  options: ResolvedOptions<T>,
  signal: Cancellation | undefined,
): Promise<T> {
  checkType('operation', operation, typeof operation === 'function', 'a function');
  const { attemptTimeoutMs, retryResultIf, clock } = options;
  const parent = contextOf(signal);
  const call = new RetryCall(options, parent);
  for (;;) {
    const attempt = call.begin();
    if (attempt === undefined) return call.giveUp('canceled');
    let value: T | undefined;
    let failure: Failure<T> | undefined;
    try {
      value = await (attemptTimeoutMs === Infinity
        ? operation(attempt)
        : withAttemptTimeout(operation, attempt, parent, attemptTimeoutMs, clock));
    } catch (error) {
      failure = { thrown: true, error, value: undefined };
    }
    if (failure === undefined) {
      if (retryResultIf === undefined || !(await call.refuses(value as T, attempt))) {
        call.succeeded();
        return value as T;
      }
      failure = { thrown: false, error: undefined, value };
    }
    const reason = await call.next(failure, attempt);
    if (reason !== undefined) return call.giveUp(reason);
  }
}

export function contextOf(signal: Cancellation | undefined): Context {
  if (signal === undefined) return background();
  checkCancellation(signal, 'signal');
  return toContext(signal);
}
