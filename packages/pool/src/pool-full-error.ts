import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** The queue is full, or the task was dropped from it: it has not been started. No stack. Kind `unavailable`, retryable. */
export class PoolFullError extends PatternError {
  static readonly code = 'ERR_POOL_FULL';
  static override readonly kind: ErrorKind = 'unavailable';
  static override readonly stack: boolean = false;
  static {
    // On the prototype: a property of its own would cost as much as the rest of the constructor.
    Object.defineProperty(this.prototype, 'code', { value: this.code, configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_POOL_FULL';

  constructor(message: string = 'the queue of the pool is full', options?: Omit<PatternErrorOptions, 'code'>) {
    super(message, options);
  }
}
