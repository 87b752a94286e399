import { defineHidden, statement } from './brand.ts';
import { noDetails, PatternError, type Details } from './pattern-error.ts';
import { read } from './read.ts';
import type { SerializedError } from './serialized-error.ts';

/** An error of a class that is not registered here. `is(err, 'CODE')` holds and `classify` says what it said on the other side. */
export class RemoteError extends PatternError {
  static readonly code: string = 'ERR_REMOTE';
  /** The original name. */
  declare readonly name: string;
  /** The original code as a string; `'ERR_REMOTE'` if there was none. */
  declare readonly code: string;
  declare readonly remote: true;
  declare readonly details: Details;
  /** HTTP status, where there was one. */
  declare readonly status: number | undefined;

  static {
    defineHidden(this.prototype, 'code', 'ERR_REMOTE');
    defineHidden(this.prototype, 'remote', true);
    defineHidden(this.prototype, 'details', noDetails);
    defineHidden(this.prototype, 'status', undefined);
  }
}

/** The words of a {@link SerializedError} that speak of one node alone. */
export type Words = Omit<SerializedError, 'type' | 'version' | 'message' | 'stack' | 'cause' | 'errors'>;

/** What an error is known to have said elsewhere, beside what it says by itself. Every error that was brought back has one, be it empty. */
export interface Statement {
  readonly kind?: SerializedError['kind'] | undefined;
  readonly retryable?: boolean | undefined;
  /** All of its words, if this is where they are kept. */
  readonly origin?: Words | undefined;
}

export function state(error: Error, words: Statement): void {
  defineHidden(error, statement, words);
}

/** The words that a {@link RemoteError} came from: serialised again, they are the same. */
export function originOf(error: Error): Words | undefined {
  return error instanceof RemoteError ? (read(read(error, statement), 'origin') as Words | undefined) : undefined;
}
