import { brand, defineHidden, isBranded, isInstanceAcrossCopies } from './brand.ts';
import type { ErrorKind } from './kind.ts';

/** Structured data on an error, when nothing narrower is declared. */
export type Details = Readonly<Record<string, unknown>>;

/** Of every error without any: frozen, as it is shared. */
export const noDetails: Details = Object.freeze({});

export interface PatternErrorOptions {
  readonly cause?: unknown;
  /** Stable identifier to match on. A subclass usually declares it as a literal instead. @defaultValue `'ERR_PATTERN'` */
  readonly code?: string | undefined;
  /** Milliseconds until another try makes sense; `Infinity`: none does. */
  readonly retryAfterMs?: number | undefined;
  /** Name of the policy, limiter, pool or lock that made it. */
  readonly policy?: string | undefined;
}

/**
 * Base of every error of ours, to be extended by hand or through {@link defineError}. A native error (`util.types.isNativeError`), also without a
 * stack. `name` is the name of the class unless it sets another.
 *
 * A hand-written subclass may state as statics `kind`, `retryable` and `http`: what {@link classify} and {@link toProblem} say of its instances;
 * `stack: false`: no stack is captured, construction is about ten times cheaper; and `code`: what {@link register} needs, and what makes `instanceof`
 * hold for instances made by another installed copy of the module. (For `PatternError` itself it always does: by brand, not prototype.)
 *
 * Annotate the literal of `code`: in declaration files an initialiser alone is a literal that widens to `string` when it is inferred.
 *
 * @example
 * ```ts
 * class QuotaError extends PatternError {
 *   static readonly code: string = 'QUOTA';
 *   static override readonly kind: ErrorKind = 'throttled';
 *   static override readonly stack: boolean = false;
 *   override readonly code: 'QUOTA' = 'QUOTA' as const;
 * }
 * ```
 */
export class PatternError extends Error {
  declare static readonly kind?: ErrorKind | undefined;
  declare static readonly retryable?: boolean | undefined;
  declare static readonly http?: number | undefined;
  /** Capture a stack. @defaultValue true */
  declare static readonly stack?: boolean | undefined;

  declare readonly code: string;
  /** Milliseconds until another try makes sense; `Infinity`: none does. */
  declare readonly retryAfterMs?: number | undefined;
  /** Name of the policy, limiter, pool or lock that made it; `undefined` if that has no name. */
  declare readonly policy?: string | undefined;

  static {
    defineHidden(this.prototype, brand, true);
    // On the prototype: most subclasses declare a code of their own, and defining a property twice costs more than the rest of the constructor.
    defineHidden(this.prototype, 'code', 'ERR_PATTERN');
    Object.defineProperty(this.prototype, 'name', {
      configurable: true,
      get(this: object): string {
        const { name } = this.constructor;
        return typeof name === 'string' ? name : 'PatternError';
      },
      set(this: object, name: unknown) {
        defineHidden(this, 'name', name);
      },
    });
  }

  constructor(message?: string, options?: PatternErrorOptions) {
    if (new.target.stack === false) {
      const limit = suppressStack();
      try {
        super(message, options);
      } finally {
        restoreStack(limit);
      }
      setHeader(this);
    } else {
      super(message, options);
    }
    if (options === undefined) return;
    const { code, retryAfterMs, policy } = options;
    if (code !== undefined) this.code = code;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
    if (policy !== undefined) this.policy = policy;
  }

  /** Plain `boolean`: as a type predicate it would narrow every subclass check to `PatternError`. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === PatternError ? isBranded(value) : isInstanceAcrossCopies(this, value);
  }
}

/**
 * No native error is cheaper than one made while `Error.stackTraceLimit` is no number: V8 then skips the capture, which with a limit of 0 it still prepares.
 * Where `Error` is frozen there is no cheap way, but no failure either.
 */
export function suppressStack(): number {
  const limit = Error.stackTraceLimit;
  restoreStack(undefined);
  return limit;
}

export function restoreStack(limit: number | undefined): void {
  try {
    Error.stackTraceLimit = limit as number;
  } catch {
    // As said.
  }
}

/** What `stack` starts with is all that it holds, as with a limit of 0. */
export function setHeader(error: Error): void {
  const { message, name } = error;
  const header = message === '' ? name : `${name}: ${message}`;
  if (Object.hasOwn(error, 'stack')) error.stack = header;
  else defineHidden(error, 'stack', header);
}
