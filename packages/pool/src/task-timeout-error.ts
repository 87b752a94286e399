import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/** `queueTimeoutMs` or `timeoutMs` passed. In the phase `'queue'` the task has not been started. No stack. Kind `timeout`. */
export class TaskTimeoutError extends PatternError {
  static readonly code = 'ERR_TASK_TIMEOUT';
  static override readonly kind: ErrorKind = 'timeout';
  static override readonly stack: boolean = false;
  static {
    Object.defineProperty(this.prototype, 'code', { value: this.code, configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_TASK_TIMEOUT';
  readonly phase: 'queue' | 'run';
  readonly timeoutMs: number;

  constructor(phase: 'queue' | 'run', timeoutMs: number, options?: Omit<PatternErrorOptions, 'code'>) {
    super(
      phase === 'queue' ? `not started within ${timeoutMs} ms` : `did not end within ${timeoutMs} ms of its start`,
      options,
    );
    this.phase = phase;
    this.timeoutMs = timeoutMs;
  }
}
