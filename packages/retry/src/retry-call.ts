import { background, sleep, systemClock, waitFor, type Context } from '@patterns/context';
import { callListener, checkAnswer, checkMs, clockOf, isPromiseLike, toleranceMs } from '@patterns/context/internal';
import { classify, PermanentError, TransientError, walk } from '@patterns/errors';
import { RetryAttempt, type AttemptInfo, type AttemptOwner } from './attempt.ts';
import { checkFiniteMs } from './check-option.ts';
import { attemptChannel, giveUpChannel, retryChannel, type AttemptEvent, type GiveUpReason } from './diagnostics.ts';
import { anyHolds } from './error-matcher.ts';
import { RetryError } from './retry-error.ts';
import type { AttemptFailure, ResolvedOptions } from './retry-options.ts';
import { turn } from './turn.ts';

/** `thrown` tells `throw undefined` from a value that was refused. */
export interface Failure<T> extends AttemptFailure<T> {
  readonly thrown: boolean;
  /** When the target may be asked again, if it said so. */
  readonly retryAfterMs?: number | undefined;
}

const keptErrors = 16;

/**
 * One call of a policy: its attempts so far, and what follows after each. Driven by a loop: {@link begin}, then {@link succeeded} or
 * {@link next}, until there is no next attempt; then {@link giveUp} ends the call.
 */
export class RetryCall<T> implements AttemptOwner {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new RetryCall(
    {} as ResolvedOptions<unknown>,
    /* @__PURE__ */ background(),
  );

  readonly #options: ResolvedOptions<T>;
  readonly #parent: Context;
  readonly #startedAt: number;
  /** Calls made. */
  #attempts = 0;
  /** What the last of them ended with, without the marker of `permanent` or `transient`. */
  #failure: Failure<T> | undefined = undefined;
  #delays: Iterator<number, unknown> | undefined = undefined;
  /** A ring: what attempt n ended with is at (n - 1) modulo its size. Only with `exhausted: 'wrap'`. */
  #errors: unknown[] | undefined = undefined;
  #idempotencyKey: string | undefined = undefined;

  constructor(options: ResolvedOptions<T>, parent: Context) {
    this.#options = options;
    this.#parent = parent;
    this.#startedAt = this.#now();
  }

  get parent(): Context {
    return this.#parent;
  }

  get elapsedMs(): number {
    // A clock should not step back, but one that a user made may.
    return Math.max(0, this.#now() - this.#startedAt);
  }

  get idempotencyKey(): string {
    return (this.#idempotencyKey ??= crypto.randomUUID());
  }

  /** The next attempt, whose call has to follow; nothing if the caller gave up before. */
  begin(): RetryAttempt | undefined {
    if (this.#isCanceled()) return undefined;
    const attempt = new RetryAttempt(this, this.#parent, this.#attempts + 1, this.#failure?.error);
    if (this.#options.onAttempt !== undefined || attemptChannel.hasSubscribers) {
      this.#announceAttempt(attempt);
      if (this.#isCanceled()) return undefined;
    }
    if (this.#attempts === 0) this.#options.budget?.record('call');
    this.#attempts++;
    return attempt;
  }

  succeeded(): void {
    this.#options.budget?.record('success');
  }

  /** Whether the value counts as a failure. */
  async refuses(value: T, attempt: AttemptInfo): Promise<boolean> {
    const verdict: unknown = this.#options.retryResultIf?.(value, attempt);
    if (!isPromiseLike(verdict)) return Boolean(verdict);
    // A value that came after the caller gave up still counts, so there is nothing left that could interrupt.
    if (this.#parent.done) return Boolean(await verdict);
    return (await this.#unlessCanceled(verdict)) ?? true;
  }

  /** Waits until the next attempt may begin; gives a reason if there is none. */
  async next(failure: Failure<T>, attempt: AttemptInfo): Promise<GiveUpReason | undefined> {
    this.#remember(failure);
    if (this.#isCanceled()) return 'canceled';
    let retryAfterMs: number | undefined;
    if (failure.thrown) {
      const classification = classify(failure.error);
      const verdict = this.#isRetryable(failure.error, classification.retryable, attempt);
      const retryable = typeof verdict === 'boolean' ? verdict : await this.#unlessCanceled(verdict);
      // Asked again: a predicate of the user's has run.
      if (this.#isCanceled()) return 'canceled';
      if (retryable !== true) return 'not-retryable';
      ({ retryAfterMs } = classification);
    } else retryAfterMs = this.#options.retryAfterOf?.(failure.value as T);
    if (retryAfterMs !== undefined) this.#failure = { ...(this.#failure as Failure<T>), retryAfterMs };
    this.#options.budget?.record('failure');

    const delayMs = this.#plan(retryAfterMs, attempt);
    if (typeof delayMs === 'string') return delayMs;
    this.#announceRetry(attempt, delayMs);
    this.#options.beforeWait?.();
    // No timer of 0 ms, which would take 1 ms or more.
    if (delayMs === 0 && typeof setImmediate === 'function') await turn(this.#parent, this.#options.ref);
    else await this.#sleep(delayMs);
    return this.#isCanceled() ? 'canceled' : undefined;
  }

  /** Tells whoever listens, then ends the call: throws, or returns the value that was refused. */
  giveUp(reason: GiveUpReason): T {
    const failure = this.#failure;
    this.#announceGiveUp(reason, failure);
    if (reason === 'canceled' || failure === undefined) throw this.#parent.cause;
    if (this.#errors !== undefined) {
      const oldest = this.#attempts % this.#errors.length;
      const errors = [...this.#errors.slice(oldest), ...this.#errors.slice(0, oldest)];
      throw new RetryError(reason, this.#attempts, errors, {
        cause: failure.error,
        policy: this.#options.name,
        value: failure.value,
        retryAfterMs: failure.retryAfterMs,
        operation: this.#options.describe?.(),
      });
    }
    if (failure.thrown) throw failure.error;
    return failure.value as T;
  }

  #now(): number {
    return (this.#options.clock ?? clockOf(this.#parent) ?? systemClock).now();
  }

  /** A method, as the answer may change between two questions. */
  #isCanceled(): boolean {
    return this.#parent.done;
  }

  #remember(failure: Failure<T>): void {
    const error = withoutMarker(failure.error);
    this.#failure = error === failure.error ? failure : { thrown: true, error, value: undefined };
    if (!this.#options.wrapsErrors) return;
    this.#errors ??= [];
    this.#errors[(this.#attempts - 1) % keptErrors] = error;
  }

  #isRetryable(error: unknown, byDefault: boolean, attempt: AttemptInfo): boolean | Promise<boolean> {
    const { retryIf } = this.#options;
    if (retryIf === undefined) return byDefault;
    return (byDefault || !isMarkedPermanent(error)) && anyHolds(retryIf, error, attempt);
  }

  /** A verdict that takes its time; `undefined` as soon as the caller gives up. */
  async #unlessCanceled(verdict: PromiseLike<unknown>): Promise<boolean | undefined> {
    try {
      return Boolean(await waitFor(verdict, { signal: this.#parent }));
    } catch (error) {
      if (this.#parent.done) return undefined;
      throw error;
    }
  }

  /** The delay before the next attempt, or why there is none. */
  #plan(retryAfterMs: number | undefined, attempt: AttemptInfo): number | GiveUpReason {
    const { maxAttempts, maxElapsedMs, maxRetryAfterMs, budget, backoff, random } = this.#options;
    if (this.#attempts >= maxAttempts) return 'attempts';
    this.#delays ??= backoff.delays(random);
    const { done, value } = this.#delays.next();
    if (done === true) return 'attempts';
    let delayMs = value;
    checkMs('a delay of the backoff', delayMs);

    if (retryAfterMs !== undefined) {
      if (retryAfterMs > maxRetryAfterMs || retryAfterMs === Infinity) return 'retry-after';
      delayMs = retryAfterMs;
    }
    const { error, value: refused } = this.#failure as Failure<T>;
    const chosenMs = checkAnswer('delayMs', this.#options.delayMs?.({ error, value: refused }, attempt, delayMs));
    if (chosenMs !== undefined) {
      checkFiniteMs('the result of delayMs', chosenMs);
      delayMs = chosenMs;
    }

    // One or two callbacks of the user have run since it was last asked.
    if (this.#isCanceled()) return 'canceled';
    if (maxElapsedMs !== Infinity && this.elapsedMs + delayMs > maxElapsedMs + toleranceMs) return 'elapsed';
    const remainingMs = this.#parent.remaining();
    if (remainingMs !== Infinity && delayMs > remainingMs - toleranceMs) return 'deadline';
    if (budget !== undefined && !checkAnswer('tryWithdraw', budget.tryWithdraw())) return 'budget';
    return delayMs;
  }

  async #sleep(ms: number): Promise<void> {
    const { ref, clock } = this.#options;
    try {
      await sleep(ms, { signal: this.#parent, clock, ref });
    } catch (error) {
      if (!this.#parent.done) throw error;
    }
  }

  #announceAttempt(attempt: RetryAttempt): void {
    const event = this.#attemptEvent(attempt);
    this.#tell('onAttempt', this.#options.onAttempt, event);
    if (attemptChannel.hasSubscribers) attemptChannel.publish(event);
  }

  #announceRetry(attempt: AttemptInfo, delayMs: number): void {
    const { onRetry } = this.#options;
    if (onRetry === undefined && !retryChannel.hasSubscribers) return;
    const event = Object.assign(this.#attemptEvent(attempt), {
      error: this.#failure?.error,
      value: this.#failure?.value,
      delayMs,
    });
    this.#tell('onRetry', onRetry, event);
    if (retryChannel.hasSubscribers) retryChannel.publish(event);
  }

  #announceGiveUp(reason: GiveUpReason, failure: Failure<T> | undefined): void {
    const { onGiveUp, name } = this.#options;
    if (onGiveUp === undefined && !giveUpChannel.hasSubscribers) return;
    const event = {
      name,
      reason,
      attempts: this.#attempts,
      // Since the first call, of which there may be none.
      elapsedMs: this.#attempts === 0 ? 0 : this.elapsedMs,
      error: failure?.error,
      value: failure?.value,
    };
    this.#tell('onGiveUp', onGiveUp, event);
    if (giveUpChannel.hasSubscribers) giveUpChannel.publish(event);
  }

  #attemptEvent(attempt: AttemptInfo): AttemptEvent {
    return {
      name: this.#options.name,
      attempt: attempt.attempt,
      elapsedMs: this.elapsedMs,
      previousError: attempt.previousError,
      // Few listeners want it, and a UUID costs more than the rest of the event.
      get idempotencyKey(): string {
        return attempt.idempotencyKey;
      },
    };
  }

  #tell<E>(option: string, listener: ((event: E) => void) | undefined, event: E): void {
    if (listener !== undefined) callListener('retry', this.#options.name, option, listener, event);
  }
}

/** The error that the user threw: the caller has no use for the marker that told us what to do with it. */
function withoutMarker(error: unknown): unknown {
  if (!isMarker(error)) return error;
  let inner: unknown = error;
  const passed = new Set<unknown>();
  // One that has come from another process may have lost its cause, and nothing keeps a cause from being what it is the cause of.
  while (isMarker(inner) && 'cause' in inner && !passed.has(inner)) {
    passed.add(inner);
    inner = inner.cause;
  }
  return inner;
}

/** Of several markers the outermost decides. */
function isMarkedPermanent(error: unknown): boolean {
  for (const node of walk(error)) {
    if (isMarker(node)) return node.code === 'ERR_PERMANENT';
  }
  return false;
}

/** The code first: most errors have another, and `instanceof` across copies has more to look at. */
function isMarker(error: unknown): error is PermanentError | TransientError {
  try {
    const code = (error as { readonly code?: unknown } | null | undefined)?.code;
    if (code === 'ERR_PERMANENT') return error instanceof PermanentError;
    return code === 'ERR_TRANSIENT' && error instanceof TransientError;
  } catch {
    // A getter that throws.
    return false;
  }
}
