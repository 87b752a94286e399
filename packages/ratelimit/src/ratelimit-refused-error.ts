import { PatternError, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** As many calls as allowed run already. The call was not made. Kind `'unavailable'`, no stack. */
export class RatelimitRefusedError extends PatternError {
  static readonly code = 'ERR_RATELIMIT_REFUSED';
  static override readonly kind: ErrorKind = 'unavailable';
  static override readonly stack: boolean = false;

  declare readonly code: 'ERR_RATELIMIT_REFUSED';
  readonly maxRunning: number;

  constructor(maxRunning: number, options?: Omit<PatternErrorOptions, 'code'>) {
    super(`refused: ${maxRunning} calls run already`, { ...options, code: RatelimitRefusedError.code });
    this.maxRunning = maxRunning;
  }
}
