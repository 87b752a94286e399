import { defineHidden } from './brand.ts';
import { messageOf } from './message-of.ts';
import { isNullish, type NullishToUndefined } from './nullish.ts';
import { noDetails, PatternError, type Details } from './pattern-error.ts';

export interface WrapOptions {
  readonly details?: object | undefined;
}

/** Made by {@link wrap}; its message is `message: inner`. */
export class WrappedError extends PatternError {
  static readonly code: 'ERR_WRAPPED' = 'ERR_WRAPPED' as const;
  override readonly code: 'ERR_WRAPPED' = 'ERR_WRAPPED' as const;
  declare readonly details: Details;
  declare readonly cause: unknown;

  static {
    defineHidden(this.prototype, 'details', noDetails);
  }

  constructor(message: string, cause: unknown, options?: WrapOptions) {
    const inner = messageOf(cause);
    super(inner === '' ? message : `${message}: ${inner}`, { cause });
    const details = options?.details;
    if (details !== undefined) this.details = details as Details;
  }
}

/**
 * Adds context outward: the message becomes `message: inner`, the cause is `err` itself. `null` and `undefined` give `undefined`.
 * A caught value of type `unknown` is typed as an error: where somebody may `throw undefined`, pass it through {@link ensureError} first.
 *
 * @example
 * ```ts
 * try {
 *   await load(id);
 * } catch (error) {
 *   throw errors.wrap(error, 'loading user', { details: { id } }); // loading user: connect ECONNREFUSED 127.0.0.1:5432
 * }
 * ```
 */
export function wrap<E>(err: E, message: string, options?: WrapOptions): WrappedError | NullishToUndefined<E> {
  if (isNullish(err)) return undefined as NullishToUndefined<E>;
  return new WrappedError(message, err, options);
}
