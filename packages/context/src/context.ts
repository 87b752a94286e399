import type { CanceledError } from './canceled-error.ts';
import type { ContextKey } from './context-key.ts';
import type { DeadlineExceededError } from './deadline-exceeded-error.ts';

/**
 * A node of the cancellation tree. Structural: any object with these members is accepted as a parent, from any copy of the package or hand-written; its end is heard through `signal`.
 * Members are cheap except `signal`, which makes an `AbortController` on first use.
 *
 * As text (`toString()`, `util.inspect`) it names the chain, root first: `context.Background.withCancel.withTimeout(checkout, 250 ms left).withValue(tenant)`; keys by name, values never.
 */
export interface Context {
  /**
   * Created when first read, then always the same. Aborts before `cancel` returns; `signal.reason === cause`, exactly.
   * When a deadline aborts it, listeners see the AsyncLocalStorage stores of that first read; else those of whoever cancels.
   */
  readonly signal: AbortSignal;
  /** Absolute, in milliseconds of the context's clock (`performance.now()` if none was given), so comparable only within one clock: use {@link remaining}. */
  readonly deadline: number | undefined;
  readonly done: boolean;
  /**
   * Why, in general; `undefined` while not done. Its `cause` is a custom cause, so that `errors.is(ctx.err, X)` finds it.
   * A signal aborted with a `TimeoutError` counts as {@link DeadlineExceededError}, with any other reason as {@link CanceledError}.
   */
  readonly err: CanceledError | DeadlineExceededError | undefined;
  /**
   * Why, exactly: the first cause given, bare, else {@link err}. `undefined` while not done. Waits reject with it untouched.
   * `errors.is(ctx.cause, CanceledError)` is false for a custom cause: to know whether the caller gave up, ask `done`.
   */
  readonly cause: unknown;
  /** Milliseconds left: `Infinity` without a deadline, never below 0. */
  remaining(): number;
  /** The nearest binding, else the key's default. Readable after cancellation. */
  value<T, R extends T | undefined>(key: ContextKey<T, R>): R;
  /** @throws {@link cause} when done */
  throwIfDone(): void;
  toString(): string;
}

/** What every `signal` option and every `parent` parameter takes. Where `undefined` is accepted it means {@link background}; `null` or anything else is a TypeError at once. */
export type Cancellation = AbortSignal | Context;

export interface CancelableContext extends Context, Disposable {
  /**
   * Ends it and its children, synchronously, before it returns; the first cause wins, `undefined` is none. Leaves nothing on the parent. Bound: may be passed around. Disposing is `cancel()`.
   * Called by a listener of its own, or of what is below it, it leaves telling the others to the end that is under way.
   * The first read binds it, which is the one thing here that costs a closure; disposing does without.
   */
  readonly cancel: (cause?: unknown) => void;
}
