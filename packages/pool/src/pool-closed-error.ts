import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** Submitted to, or left over in, a pool that closes. No stack. Kind `unavailable`, not retryable. */
export class PoolClosedError extends PatternError {
  static readonly code = 'ERR_POOL_CLOSED';
  static override readonly kind: ErrorKind = 'unavailable';
  static override readonly retryable: boolean = false;
  static override readonly stack: boolean = false;
  static {
    Object.defineProperty(this.prototype, 'code', { value: this.code, configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_POOL_CLOSED';

  constructor(message: string = 'the pool is closed', options?: Omit<PatternErrorOptions, 'code'>) {
    super(message, options);
  }
}
