import { background, merge, toContext, type Cancellation, type Context, type Operation } from '@patterns/context';
import { checkCancellation, checkFunction, whenSettled } from '@patterns/context/internal';
import type { AttemptContext, RetryAttempt } from './attempt.ts';
import { withAttemptTimeout } from './attempt-timeout.ts';
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
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- thrown by `resolveOptions`: it is one
      return Promise.reject(error);
    }
  }
  return run(operation, resolved, resolved.signal);
}

/**
 * What {@link retry} and `RetryPolicy` have in common. A first attempt that succeeds costs a promise, a reaction to it, and two small objects
 * for the call and the attempt; an asynchronous function would cost twice that.
 */
export function run<T>(
  operation: Operation<T, AttemptContext>,
  options: ResolvedOptions<T>,
  signal: Cancellation | undefined,
): Promise<T> {
  let call: RetryCall<T>;
  let attempt: RetryAttempt | undefined;
  try {
    checkFunction('operation', operation);
    call = new RetryCall(options, contextOf(signal));
    if (options.needsLoop) return loop(call, operation, options);
    attempt = call.begin();
    if (attempt === undefined) return Promise.resolve(call.giveUp('canceled'));
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of the caller, whatever that is
    return Promise.reject(error);
  }
  const begun = attempt;
  const failed = (error: unknown): Promise<T> => loop(call, operation, options, begun, thrown(error));
  try {
    const result = operation(attempt);
    const isPrimitive = (typeof result !== 'object' || result === null) && typeof result !== 'function';
    return isPrimitive ? Promise.resolve(result) : whenSettled<T, T>(result, undefined, failed);
  } catch (error) {
    return failed(error);
  }
}

/** {@link run} under the signal of the call, and that of the options. */
export function runUnderBoth<T>(
  operation: Operation<T, AttemptContext>,
  options: ResolvedOptions<T>,
  signal: Cancellation | undefined,
): Promise<T> {
  const own = options.signal;
  if (own === undefined || own === signal) return run(operation, options, signal);
  return signal === undefined ? run(operation, options, own) : runUnderMerged(operation, options, signal, own);
}

async function runUnderMerged<T>(
  operation: Operation<T, AttemptContext>,
  options: ResolvedOptions<T>,
  signal: Cancellation,
  own: Cancellation,
): Promise<T> {
  checkCancellation(signal, 'signal');
  const either = merge(signal, own);
  try {
    return await run(operation, options, either);
  } finally {
    either.cancel();
  }
}

/** Where there is more to it: from a failure of the first attempt, or with options that concern every one, from the beginning. */
async function loop<T>(
  call: RetryCall<T>,
  operation: Operation<T, AttemptContext>,
  options: ResolvedOptions<T>,
  failedAttempt?: RetryAttempt,
  firstFailure?: Failure<T>,
): Promise<T> {
  let attempt = failedAttempt;
  let failure = firstFailure;
  for (;;) {
    if (attempt !== undefined && failure !== undefined) {
      const reason = await call.next(failure, attempt);
      if (reason !== undefined) return call.giveUp(reason);
    }
    attempt = call.begin();
    if (attempt === undefined) return call.giveUp('canceled');
    let value: T | undefined;
    failure = undefined;
    try {
      value = await (options.attemptTimeoutMs === Infinity
        ? operation(attempt)
        : withAttemptTimeout(operation, attempt, call.parent, options));
    } catch (error) {
      failure = thrown(error);
    }
    if (failure === undefined) {
      if (options.retryResultIf === undefined || !(await call.refuses(value as T, attempt))) {
        call.succeeded();
        return value as T;
      }
      failure = { thrown: false, error: undefined, value };
    }
  }
}

function thrown(error: unknown): Failure<never> {
  return { thrown: true, error, value: undefined };
}

export function contextOf(signal: Cancellation | undefined): Context {
  if (signal === undefined) return background();
  checkCancellation(signal, 'signal');
  return toContext(signal);
}
