import {
  background,
  createKey,
  type CanceledError,
  type Context,
  type ContextKey,
  type DeadlineExceededError,
} from '@patterns/context';
import { markDelegating } from '@patterns/context/internal';

/** The attempt number means the same everywhere: in the operation, the hooks, the events and the errors. */
export interface AttemptInfo {
  /** Counts calls, from 1. */
  readonly attempt: number;
  /** Since the first call began. */
  readonly elapsedMs: number;
  /** What the attempt before ended with; `undefined` in the first, and after a value. */
  readonly previousError: unknown;
  /** A UUID, made when first read and the same over all attempts of one call. */
  readonly idempotencyKey: string;
}

/**
 * The context of one attempt: the caller's, or a child with `attemptTimeoutMs`. One small object per attempt whose members delegate;
 * no node in the cancellation tree unless there is an attempt timeout.
 */
export interface AttemptContext extends Context, AttemptInfo {}

const sharedKey: unique symbol = Symbol.for('@patterns/retry.current-attempt');
interface Shared {
  [sharedKey]?: ContextKey<AttemptInfo>;
}

/** One for the process: an attempt of one copy of this package is found through another. */
function keyOfProcess(): ContextKey<AttemptInfo> {
  const shared = globalThis as Shared;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- undefined until a first copy has loaded
  return (shared[sharedKey] ??= createKey<AttemptInfo>('retry.attempt'));
}

/** Finds the attempt from any depth below a retry, where the operation itself is only given a `Context`; the innermost of nested retries. */
export const currentAttempt: ContextKey<AttemptInfo> = keyOfProcess();

/**
 * `ctx.value(currentAttempt)`. Works in hedged calls too.
 *
 * @example
 * ```ts
 * const headers = (ctx: Context) => ({ 'x-attempt': String(attemptOf(ctx)?.attempt ?? 1) });
 * ```
 */
export function attemptOf(ctx: Context): AttemptInfo | undefined {
  return ctx.value(currentAttempt);
}

/** What all attempts of one call have in common. */
export interface AttemptOwner {
  readonly elapsedMs: number;
  readonly idempotencyKey: string;
}

export class RetryAttempt implements AttemptContext {
  static {
    markDelegating(this.prototype, (attempt) => attempt.#base);
  }

  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new RetryAttempt(
    { elapsedMs: 0, idempotencyKey: '' },
    /* @__PURE__ */ background(),
    1,
    undefined,
  );

  readonly #owner: AttemptOwner;
  readonly #base: Context;
  readonly attempt: number;
  readonly previousError: unknown;

  constructor(owner: AttemptOwner, base: Context, attempt: number, previousError: unknown) {
    this.#owner = owner;
    this.#base = base;
    this.attempt = attempt;
    this.previousError = previousError;
  }

  /** The same attempt on a context below. */
  on(base: Context): RetryAttempt {
    return new RetryAttempt(this.#owner, base, this.attempt, this.previousError);
  }

  get elapsedMs(): number {
    return this.#owner.elapsedMs;
  }
  get idempotencyKey(): string {
    return this.#owner.idempotencyKey;
  }
  get signal(): AbortSignal {
    return this.#base.signal;
  }
  get deadline(): number | undefined {
    return this.#base.deadline;
  }
  get done(): boolean {
    return this.#base.done;
  }
  get err(): CanceledError | DeadlineExceededError | undefined {
    return this.#base.err;
  }
  get cause(): unknown {
    return this.#base.cause;
  }
  remaining(): number {
    return this.#base.remaining();
  }
  value<T, R extends T | undefined>(key: ContextKey<T, R>): R {
    // The key is that of `AttemptInfo`, which the compiler cannot see from its identity.
    return key === (currentAttempt as unknown) ? (this as unknown as R) : this.#base.value(key);
  }
  throwIfDone(): void {
    this.#base.throwIfDone();
  }
  toString(): string {
    return `${(this.#base as { toString(): string }).toString()}.attempt(${this.attempt})`;
  }
}
