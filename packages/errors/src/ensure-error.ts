import { isError } from './error-type.ts';
import { messageOf } from './message-of.ts';
import { PatternError } from './pattern-error.ts';

/** The value itself if it is an error (also of another realm), else a {@link PatternError} that carries it as `cause`. */
export function ensureError(value: unknown): Error {
  return isError(value) ? value : new PatternError(messageOf(value), { cause: value });
}
