import type { ErrorKind } from './kind.ts';
import { PatternError } from './pattern-error.ts';

/** Kind `client`. */
export class DeserializeError extends PatternError {
  static readonly code: 'ERR_DESERIALIZE' = 'ERR_DESERIALIZE' as const;
  static override readonly kind: ErrorKind = 'client';
  override readonly code: 'ERR_DESERIALIZE' = 'ERR_DESERIALIZE' as const;

  constructor(message = 'not a serialized error', options?: ErrorOptions) {
    super(message, options);
  }
}

export function refuse(why: string): never {
  throw new DeserializeError(why);
}

/** Whatever goes wrong with a document from elsewhere is the document's fault. */
export function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof DeserializeError ? cause : new DeserializeError('not readable', { cause });
  }
}
