import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** The client closed the connection before the response was finished. Kind `canceled`, status 499. No stack. */
export class ClientGoneError extends PatternError {
  static readonly code = 'ERR_CLIENT_GONE';
  static override readonly kind: ErrorKind = 'canceled';
  static override readonly http: number = 499;
  static override readonly stack: boolean = false;
  static {
    // On the prototype, so that instances have it however they were made.
    Object.defineProperty(this.prototype, 'code', { value: 'ERR_CLIENT_GONE', configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_CLIENT_GONE';

  /** @param message @defaultValue `'the client closed the connection before the response was finished'` */
  constructor(
    message: string = 'the client closed the connection before the response was finished',
    options?: Omit<PatternErrorOptions, 'code'>,
  ) {
    super(message, options);
  }
}
