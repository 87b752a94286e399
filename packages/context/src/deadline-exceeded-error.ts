import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

export interface DeadlineExceededErrorOptions extends Omit<PatternErrorOptions, 'code'> {
  readonly deadlineName?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A deadline passed: of a context, or of an operation of ours that names it (`retry`: `'attempt'`). The name is the platform's. No stack. */
export class DeadlineExceededError extends PatternError {
  static readonly code = 'ERR_DEADLINE_EXCEEDED';
  static override readonly kind: ErrorKind = 'timeout';
  static override readonly stack: boolean = false;
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TimeoutError', configurable: true, writable: true });
    Object.defineProperty(this.prototype, 'code', {
      value: 'ERR_DEADLINE_EXCEEDED',
      configurable: true,
      writable: true,
    });
    register(this);
  }

  declare readonly name: 'TimeoutError';
  declare readonly code: 'ERR_DEADLINE_EXCEEDED';
  /** Which of several deadlines it was. */
  readonly deadlineName: string | undefined;
  /** As given to {@link withTimeout}. */
  readonly timeoutMs: number | undefined;

  /** @param message what `toString()` shows. @defaultValue for example `'deadline exceeded: checkout, 250 ms'` */
  constructor(message?: string, options?: DeadlineExceededErrorOptions) {
    super(message ?? describe(options), options);
    this.deadlineName = options?.deadlineName;
    this.timeoutMs = options?.timeoutMs;
  }
}

function describe({ deadlineName, timeoutMs }: DeadlineExceededErrorOptions = {}): string {
  const which = [deadlineName, timeoutMs === undefined ? undefined : `${timeoutMs} ms`].filter(
    (part) => part !== undefined,
  );
  return which.length === 0 ? 'deadline exceeded' : `deadline exceeded: ${which.join(', ')}`;
}
