import { defineHidden, reference as referenceKey } from './brand.ts';
import { matches } from './is.ts';
import { messageOf } from './message-of.ts';
import { isNullish, type NullishToUndefined } from './nullish.ts';
import { PatternError } from './pattern-error.ts';
import { readString, read } from './read.ts';
import { sentinelOf } from './registry.ts';

/** Made by {@link mark}. */
export class MarkedError extends PatternError {
  static readonly code: 'ERR_MARKED' = 'ERR_MARKED' as const;
  static override readonly stack: boolean = false;
  override readonly code: 'ERR_MARKED' = 'ERR_MARKED' as const;
  declare readonly cause: unknown;
  /** Code of the reference: what remains of it on the wire. */
  declare readonly marked?: string;

  static {
    defineHidden(this.prototype, matches, isReference);
  }

  constructor(cause: unknown, reference: Error) {
    super(messageOf(cause), { cause });
    defineHidden(this, referenceKey, reference);
    const code = readString(reference, 'code');
    if (code !== undefined && sentinelOf(code) === reference) this.marked = code;
  }
}

/** The reference itself, or the sentinel that has its code here if it came over the wire: never a class, of which it is no instance. */
function isReference(this: MarkedError, target: unknown): boolean {
  const reference = read(this, referenceKey) ?? sentinelOf(this.marked);
  return reference !== undefined && target === reference;
}

/**
 * `is(result, reference)` holds as well; nothing is wrapped around `reference`. For giving a foreign error the identity of one of yours.
 * Nullish in, `undefined` out.
 */
export function mark<E>(err: E, reference: Error): MarkedError | NullishToUndefined<E> {
  return isNullish(err) ? (undefined as NullishToUndefined<E>) : new MarkedError(err, reference);
}
