import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** A signal asked the process to end. Kind `canceled`; status 503, as another instance may well answer. No stack. */
export class ShutdownError extends PatternError {
  static readonly code = 'ERR_SHUTDOWN';
  static override readonly kind: ErrorKind = 'canceled';
  static override readonly http: number = 503;
  static override readonly stack: boolean = false;
  static {
    // On the prototype, so that instances have it however they were made.
    Object.defineProperty(this.prototype, 'code', { value: 'ERR_SHUTDOWN', configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_SHUTDOWN';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals, options?: Omit<PatternErrorOptions, 'code'>) {
    super(`shutting down: received ${signal}`, options);
    this.signal = signal;
  }
}
