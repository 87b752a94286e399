import type { ErrorKind } from './kind.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What {@link serialize} makes. Unknown members are ignored. */
export interface SerializedError {
  readonly type: 'error';
  readonly version: 1;
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  /** What the class or the error states explicitly, or says through what does not cross the wire, a `response` for instance. */
  readonly kind?: ErrorKind;
  readonly retryable?: boolean;
  /** `null` is `Infinity`. */
  readonly retryAfterMs?: number | null;
  readonly policy?: string;
  readonly details?: { readonly [key: string]: Json };
  /** Its other own enumerable properties that are strings, finite numbers, booleans or null: `errno`, `syscall`, `state` ... */
  readonly fields?: { readonly [key: string]: Json };
  readonly stack?: string;
  readonly cause?: SerializedError | SerializedValue;
  readonly errors?: readonly (SerializedError | SerializedValue)[];
  /** Something was cut off by a limit. */
  readonly truncated?: true;
}

/** A cause that is no error. */
export interface SerializedValue {
  readonly type: 'value';
  readonly value: Json;
}

export interface SerializationLimits {
  /** Nodes from the outermost to the innermost. @defaultValue 16 */
  readonly maxDepth?: number | undefined;
  /** `errors` of one aggregate. @defaultValue 64 */
  readonly maxBreadth?: number | undefined;
  /** Size as JSON text, estimated while walking. @defaultValue 65_536 */
  readonly maxBytes?: number | undefined;
}

/** `T` while it is being made. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

export function limitsOf(limits: SerializationLimits | undefined): Required<Record<keyof SerializationLimits, number>> {
  return {
    maxDepth: limitOf(limits?.maxDepth, 16),
    maxBreadth: limitOf(limits?.maxBreadth, 64),
    maxBytes: limitOf(limits?.maxBytes, 65_536),
  };
}

/** NaN would compare as no limit at all. */
function limitOf(limit: number | undefined, byDefault: number): number {
  return typeof limit === 'number' && limit >= 0 ? limit : byDefault;
}

/** Values nested deeper than this are cut off here and refused there: a document from elsewhere must not use up the stack. */
export const maxNesting = 100;

/** What has a place of its own in the document, and is no field. (`details` may be one: gRPC has a text there.) */
export const memberNames: ReadonlySet<string> = new Set([
  'name',
  'message',
  'stack',
  'cause',
  'errors',
  'code',
  'policy',
  'retryable',
  'retryAfterMs',
]);
