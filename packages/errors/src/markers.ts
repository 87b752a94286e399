import { messageOf } from './message-of.ts';
import { isNullish, type NullishToUndefined } from './nullish.ts';
import { PatternError } from './pattern-error.ts';

export interface TransientOptions {
  readonly retryAfterMs?: number | undefined;
}

/** Made by {@link permanent}; `retry` hands its cause to the caller, not this. */
export class PermanentError extends PatternError {
  static readonly code: 'ERR_PERMANENT' = 'ERR_PERMANENT' as const;
  static override readonly retryable: boolean = false;
  /** The stack of the cause is the one that matters. */
  static override readonly stack: boolean = false;
  override readonly code: 'ERR_PERMANENT' = 'ERR_PERMANENT' as const;
  declare readonly cause: unknown;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

/** Made by {@link transient}; `retry` hands its cause to the caller, not this. */
export class TransientError extends PatternError {
  static readonly code: 'ERR_TRANSIENT' = 'ERR_TRANSIENT' as const;
  static override readonly retryable: boolean = true;
  static override readonly stack: boolean = false;
  override readonly code: 'ERR_TRANSIENT' = 'ERR_TRANSIENT' as const;
  declare readonly cause: unknown;

  constructor(cause: unknown, options?: TransientOptions) {
    super(messageOf(cause), { cause, retryAfterMs: options?.retryAfterMs });
  }
}

/** Never retried, whatever the policy says; found at any depth, unless a marker further out says otherwise. Nullish in, `undefined` out. */
export function permanent<E>(err: E): PermanentError | NullishToUndefined<E> {
  return isNullish(err) ? (undefined as NullishToUndefined<E>) : new PermanentError(err);
}

/** Worth another try, after `retryAfterMs` (milliseconds) if given; found as {@link permanent} is. Nullish in, `undefined` out. */
export function transient<E>(err: E, options?: TransientOptions): TransientError | NullishToUndefined<E> {
  return isNullish(err) ? (undefined as NullishToUndefined<E>) : new TransientError(err, options);
}
