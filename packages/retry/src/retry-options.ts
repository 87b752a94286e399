import type { Cancellation, Clock, WaitOptions } from '@patterns/context';
import {
  checkCallback,
  checkCancellation,
  checkClock,
  checkFunction,
  checkMs,
  checkSize,
  checkText,
  checkType,
  shown,
} from '@patterns/context/internal';
import type { AttemptInfo } from './attempt.ts';
import { checkBackoff, type Backoff } from './backoff.ts';
import { checkBudget, type Budget } from './budget.ts';
import type { AttemptEvent, GiveUpEvent, RetryEvent } from './diagnostics.ts';
import { compileMatchers, type ErrorMatcher } from './error-matcher.ts';
import { exponential } from './exponential.ts';

/** What an attempt ended with: an error, or a value that `retryResultIf` refused. */
export interface AttemptFailure<T = unknown> {
  /** `undefined` when it was a value. */
  readonly error: unknown;
  /** `undefined` when it was an error. */
  readonly value: T | undefined;
}

export interface RetryOptions<T = unknown> extends WaitOptions {
  /**
   * Ends the call at once with the reason untouched, also in the middle of a wait; no wait begins that would not end before its deadline. That of a
   * policy ends every call, besides the call's own signal: a call that has both runs under a context made of the two, which ends with the call,
   * so what is tied to it (the body of a response) has to be read inside the operation.
   */
  readonly signal?: Cancellation | undefined;
  /** Names the policy in events and in `RetryError.policy`. */
  readonly name?: string | undefined;
  /** Calls, not retries; an integer from 1, or `Infinity`. @defaultValue 3 */
  readonly maxAttempts?: number | undefined;
  /** How long to wait between two attempts. @defaultValue `exponential({ initialMs: 100, factor: 2, maxMs: 30_000, jitter: 'full' })` */
  readonly backoff?: Backoff | undefined;
  /**
   * No wait begins that would end later than this after the first call; ending exactly then is allowed. The operation's own time counts.
   * @defaultValue Infinity
   */
  readonly maxElapsedMs?: number | undefined;
  /**
   * Gives each attempt its own context, which ends with a `DeadlineExceededError` (`deadlineName: 'attempt'`); the attempt then counts as
   * failed with it, retryable, even if the operation does not stop: what that still does is ignored. The context also ends when the
   * attempt does, so what is tied to it (the body of a response) has to be read inside the operation. @defaultValue Infinity
   */
  readonly attemptTimeoutMs?: number | undefined;
  /**
   * Which errors are worth another attempt; several: any of them, none: no error. Replaces the default, `transient` included; what
   * `permanent` marks is never retried, nor is anything once the caller's context is done.
   * What it throws rejects the call, as for the next two. @defaultValue `classify(error).retryable`
   */
  readonly retryIf?: ErrorMatcher | readonly ErrorMatcher[] | undefined;
  /** A result worth another attempt; errors are still retried as well. @defaultValue never */
  readonly retryResultIf?: ((value: T, attempt: AttemptInfo) => boolean | PromiseLike<boolean>) | undefined;
  /**
   * Chooses the delay from what happened. `plannedMs` is the backoff's, or the error's `retryAfterMs`; `undefined` keeps it. `maxElapsedMs`,
   * the deadline and the budget apply to the result too. A negative, infinite or NaN one rejects with a RangeError.
   */
  readonly delayMs?:
    ((failure: AttemptFailure<T>, attempt: AttemptInfo, plannedMs: number) => number | undefined) | undefined;
  /**
   * An error's `retryAfterMs` (`classify`) replaces the backoff's delay, without jitter; the backoff advances all the same. A longer one than
   * this gives up: so a `BreakerOpenError` is never retried before its time, nor that of an isolated breaker at all. @defaultValue 60_000
   */
  readonly maxRetryAfterMs?: number | undefined;
  /** Shared by many calls and policies; spent: give up. Asked last, so that nothing is withdrawn in vain. @defaultValue none */
  readonly budget?: Budget | undefined;
  /**
   * What a call that gives up ends with; for the reasons see {@link GiveUpReason}.
   *
   * canceled: always rejects with the caller's reason itself (`ctx.cause`); the last error is in `onGiveUp`. An attempt that succeeds after
   * the caller gave up still counts: its value is returned.
   * All others: `'rethrow'` rejects with the last error itself, the one inside `permanent(error)` or `transient(error)`; if the last attempt
   * ended with a value that `retryResultIf` refused, it resolves with that value.
   * `'wrap'` rejects with a {@link RetryError} in both cases. @defaultValue `'rethrow'`
   */
  readonly exhausted?: 'rethrow' | 'wrap' | undefined;
  /** Before each call. */
  readonly onAttempt?: ((event: AttemptEvent) => void) | undefined;
  /** Before each wait; not after the last attempt. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Once for a call that gives up. */
  readonly onGiveUp?: ((event: GiveUpEvent) => void) | undefined;
  /** For waits and times. The context of an attempt is on the clock of the caller's, where that has one. @defaultValue that of the caller's context, else `systemClock` */
  readonly clock?: Clock | undefined;
  /** In [0, 1). @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Whether a wait holds the process open. @defaultValue true */
  readonly ref?: boolean | undefined;
}

/** Checked, with every key there: a call looks nothing up twice and copies nothing. */
export interface ResolvedOptions<T> {
  readonly name: string | undefined;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly maxElapsedMs: number;
  readonly attemptTimeoutMs: number;
  readonly retryIf: ReturnType<typeof compileMatchers> | undefined;
  readonly retryResultIf: RetryOptions<T>['retryResultIf'];
  readonly delayMs: RetryOptions<T>['delayMs'];
  readonly maxRetryAfterMs: number;
  /** What a refused value says about the time of the next attempt, as errors do by themselves. */
  readonly retryAfterOf: ((value: T) => number | undefined) | undefined;
  /** What is retried, for the message of a `RetryError`. */
  readonly describe: (() => string) | undefined;
  /** Another attempt follows, and whoever listens has been told. */
  readonly beforeWait: (() => void) | undefined;
  readonly budget: Budget | undefined;
  readonly wrapsErrors: boolean;
  readonly onAttempt: RetryOptions['onAttempt'];
  readonly onRetry: RetryOptions['onRetry'];
  readonly onGiveUp: RetryOptions['onGiveUp'];
  readonly clock: Clock | undefined;
  readonly random: () => number;
  readonly ref: boolean;
  readonly signal: Cancellation | undefined;
  /** Something has to be done for each attempt, even if it is the first and succeeds. */
  readonly needsLoop: boolean;
}

const defaultBackoff = exponential();
/** Looked up on each call, so that mocks apply. */
const systemRandom = (): number => Math.random();

/**
 * @throws {RangeError} for an option out of range
 * @throws {TypeError} for one of the wrong type
 */
export function resolveOptions<T>(options: RetryOptions<T>): ResolvedOptions<T> {
  const {
    name,
    maxAttempts = 3,
    backoff = defaultBackoff,
    maxElapsedMs = Infinity,
    attemptTimeoutMs = Infinity,
    retryIf,
    retryResultIf,
    delayMs,
    maxRetryAfterMs = 60_000,
    budget,
    exhausted = 'rethrow',
    onAttempt,
    onRetry,
    onGiveUp,
    clock,
    random = systemRandom,
    ref = true,
    signal,
  } = options;
  checkSize('maxAttempts', maxAttempts, 1);
  checkMs('maxElapsedMs', maxElapsedMs);
  checkMs('attemptTimeoutMs', attemptTimeoutMs);
  checkMs('maxRetryAfterMs', maxRetryAfterMs);
  checkText('name', name);
  if (backoff !== defaultBackoff) checkBackoff('backoff', backoff);
  if (budget !== undefined) checkBudget('budget', budget);
  if (clock !== undefined) checkClock(clock);
  checkCallback('retryResultIf', retryResultIf);
  checkCallback('delayMs', delayMs);
  checkCallback('onAttempt', onAttempt);
  checkCallback('onRetry', onRetry);
  checkCallback('onGiveUp', onGiveUp);
  if (random !== systemRandom) checkFunction('random', random);
  checkType('ref', ref, typeof ref === 'boolean', 'a boolean');
  checkExhausted(exhausted);
  checkCancellation(signal, 'signal');
  return {
    name,
    maxAttempts,
    backoff,
    maxElapsedMs,
    attemptTimeoutMs,
    retryIf: retryIf === undefined ? undefined : compileMatchers('retryIf', retryIf),
    retryResultIf,
    delayMs,
    maxRetryAfterMs,
    retryAfterOf: undefined,
    describe: undefined,
    beforeWait: undefined,
    budget,
    wrapsErrors: exhausted === 'wrap',
    onAttempt,
    onRetry,
    onGiveUp,
    clock,
    random,
    ref,
    signal,
    needsLoop: budget !== undefined || retryResultIf !== undefined || attemptTimeoutMs !== Infinity,
  };
}

function checkExhausted(exhausted: string): void {
  if (exhausted === 'rethrow' || exhausted === 'wrap') return;
  throw new RangeError(`exhausted must be 'rethrow' or 'wrap', got ${shown(exhausted)}`);
}
