import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/**
 * The call was refused, and the target not asked: the breaker is open or isolated, or half-open with no trial left. No stack. `cause` is the
 * last failure. Kind `unavailable`, retryable: after `retryAfterMs`, which `retry` keeps to. Never counts as a failure in another breaker.
 */
export class BreakerOpenError extends PatternError {
  static readonly code = 'ERR_BREAKER_OPEN';
  static override readonly kind: ErrorKind = 'unavailable';
  static override readonly stack: boolean = false;
  static {
    // On the prototype: a property of its own would cost as much as the rest of the constructor.
    Object.defineProperty(this.prototype, 'code', { value: this.code, configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_BREAKER_OPEN';
  readonly state: 'open' | 'half-open' | 'isolated';
  /** Until a call may be admitted: see {@link CircuitBreaker.retryAfterMs}. */
  declare readonly retryAfterMs: number;

  constructor(
    state: 'open' | 'half-open' | 'isolated',
    retryAfterMs: number,
    options?: Omit<PatternErrorOptions, 'code' | 'retryAfterMs'>,
  ) {
    super(describe(state, retryAfterMs, options?.policy), options);
    this.state = state;
    this.retryAfterMs = retryAfterMs;
  }
}

function describe(state: string, retryAfterMs: number, name: string | undefined): string {
  const who = name === undefined ? 'the circuit breaker' : `circuit breaker '${name}'`;
  const when = retryAfterMs === Infinity ? '' : `; retry in ${Math.ceil(retryAfterMs)} ms`;
  return `${who} is ${state}${when}`;
}
