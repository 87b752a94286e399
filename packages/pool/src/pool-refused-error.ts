import { PatternError, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** As many calls as allowed run already. The call was not made. Kind `'unavailable'`, no stack. */
export class PoolRefusedError extends PatternError {
  static readonly code = 'ERR_POOL_REFUSED';
  static override readonly kind: ErrorKind = 'unavailable';
  static override readonly stack: boolean = false;

  declare readonly code: 'ERR_POOL_REFUSED';
  readonly maxRunning: number;

  constructor(maxRunning: number, options?: Omit<PatternErrorOptions, 'code'>) {
    super(`refused: ${maxRunning} calls run already`, { ...options, code: PoolRefusedError.code });
    this.maxRunning = maxRunning;
  }
}
