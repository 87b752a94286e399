import { defineHidden, hidden } from './brand.ts';
import { messageOf } from './message-of.ts';
import { isNullish, type NullishToUndefined } from './nullish.ts';
import { PatternError } from './pattern-error.ts';
import { read } from './read.ts';

/** Made by {@link opaque}. Its `cause` is empty. */
export class OpaqueError extends PatternError {
  static readonly code: 'ERR_OPAQUE' = 'ERR_OPAQUE' as const;
  override readonly code: 'ERR_OPAQUE' = 'ERR_OPAQUE' as const;

  constructor(behind: unknown, message?: string) {
    super(message ?? messageOf(behind));
    defineHidden(this, hidden, behind);
  }
}

/**
 * A barrier: shown by {@link format}, invisible to `is`, `as`, `unwrap` and `walk`. For failures that were dealt with, and must not be mistaken by somebody
 * further up for ones of his own. The message is `message`, or that of `err`. Nullish in, `undefined` out.
 */
export function opaque<E>(err: E, message?: string): OpaqueError | NullishToUndefined<E> {
  return isNullish(err) ? (undefined as NullishToUndefined<E>) : new OpaqueError(err, message);
}

/** For those who print. */
export function behind(error: unknown): unknown {
  return read(error, hidden);
}
