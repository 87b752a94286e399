import { matches, PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/**
 * - `'limit'`: not available now, and the caller does not wait (`maxWaitMs: 0`)
 * - `'max-wait'`, `'deadline'`: would come later than `maxWaitMs`, or than the deadline of `signal`
 * - `'queue-full'`: `maxQueue` callers wait already
 * - `'dropped'`: waited longest when another came, with `overflow: 'drop-oldest'`
 * - `'closed'`: the limiter was closed
 */
export type RateLimitReason = 'limit' | 'queue-full' | 'deadline' | 'max-wait' | 'dropped' | 'closed';

/**
 * Refused before anything ran. No stack. Kind `throttled`, retryable after `retryAfterMs`, which `retry` keeps to; not retryable when closed.
 * Never counts as a failure of the target in a breaker. With the reason `'deadline'`, `errors.is(error, DeadlineExceededError)` holds too.
 */
export class RateLimitError extends PatternError {
  static readonly code = 'ERR_RATE_LIMITED';
  static override readonly kind: ErrorKind = 'throttled';
  static override readonly stack: boolean = false;
  static {
    // On the prototype: a property of its own would cost as much as the rest of the constructor.
    Object.defineProperty(this.prototype, 'code', { value: this.code, configurable: true, writable: true });
    // A method, but for declarations a computed name is one too many.
    Object.defineProperty(this.prototype, matches, { value: isTooLate, configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_RATE_LIMITED';
  readonly reason: RateLimitReason;
  /** Until the permits could be had; `Infinity`: never, as things are. */
  declare readonly retryAfterMs: number;

  constructor(
    reason: RateLimitReason,
    retryAfterMs: number,
    options?: Omit<PatternErrorOptions, 'code' | 'retryAfterMs'>,
  ) {
    super(describe(reason, retryAfterMs, options?.policy), options);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }

  /** `false` when closed, otherwise left to the kind. */
  get retryable(): false | undefined {
    return this.reason === 'closed' ? false : undefined;
  }
}

/** By code, as the class asked for may be that of another copy; by its own one, as its subclasses inherit it. */
function isTooLate(this: RateLimitError, target: unknown): boolean {
  if (this.reason !== 'deadline') return false;
  const isNamed = typeof target === 'function' && Object.hasOwn(target, 'code');
  const code: unknown = isNamed ? (target as { readonly code?: unknown }).code : target;
  return code === 'ERR_DEADLINE_EXCEEDED';
}

const explanations: Readonly<Record<RateLimitReason, string>> = {
  limit: '',
  'max-wait': ', later than maxWaitMs',
  deadline: ', later than the deadline',
  'queue-full': ', and the queue is full',
  dropped: ', and others came after it',
  closed: '',
};

function describe(reason: RateLimitReason, retryAfterMs: number, name: string | undefined): string {
  const which = name === undefined ? 'rate limit' : `rate limit '${name}'`;
  if (reason === 'closed') return `${which} is closed`;
  const when = retryAfterMs === Infinity ? '' : `; retry in ${Math.ceil(retryAfterMs)} ms`;
  return `${which} exceeded${when}${explanations[reason]}`;
}
