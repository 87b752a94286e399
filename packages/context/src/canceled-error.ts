import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** Somebody cancelled. The name is the platform's, so that `err.name === 'AbortError'` works. No stack. */
export class CanceledError extends PatternError {
  static readonly code = 'ERR_CANCELED';
  static override readonly kind: ErrorKind = 'canceled';
  static override readonly stack: boolean = false;
  static {
    // On the prototype, so that instances have them however they were made.
    Object.defineProperty(this.prototype, 'name', { value: 'AbortError', configurable: true, writable: true });
    Object.defineProperty(this.prototype, 'code', { value: 'ERR_CANCELED', configurable: true, writable: true });
    register(this);
  }

  declare readonly name: 'AbortError';
  declare readonly code: 'ERR_CANCELED';

  /** @param message what `toString()` shows. @defaultValue `'context canceled'` */
  constructor(message: string = 'context canceled', options?: Omit<PatternErrorOptions, 'code'>) {
    super(message, options);
  }
}
