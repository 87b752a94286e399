import { classify, PatternError, register, type PatternErrorOptions } from '@patterns/errors';
import type { GiveUpReason } from './diagnostics.ts';

const explanations: Readonly<Record<Exclude<GiveUpReason, 'canceled'>, string>> = {
  'not-retryable': 'the failure is not worth another',
  attempts: 'no more are allowed',
  'retry-after': 'the target asks for a longer wait than allowed',
  elapsed: 'the next would begin after maxElapsedMs',
  deadline: 'the next would begin after the deadline',
  budget: 'the retry budget is spent',
};

/**
 * With `exhausted: 'wrap'`. `cause` is the last error. Has the kind of its cause and is not retryable, so that nested retries do not multiply;
 * `retryAfterMs` is what the last failure asked for.
 */
export class RetryError extends PatternError {
  static readonly code = 'ERR_RETRY_EXHAUSTED';
  static override readonly retryable = false;

  declare readonly code: 'ERR_RETRY_EXHAUSTED';
  readonly reason: Exclude<GiveUpReason, 'canceled'>;
  /** Calls made. */
  readonly attempts: number;
  /** What the attempts ended with, oldest first, a refused value as `undefined`; at most the last 16. */
  readonly errors: readonly unknown[];
  /** The last result, when it was one that `retryResultIf` refused. */
  readonly value: unknown;

  constructor(
    reason: Exclude<GiveUpReason, 'canceled'>,
    attempts: number,
    errors: readonly unknown[],
    options: Omit<PatternErrorOptions, 'code'> & {
      readonly value?: unknown;
      /** What was attempted, for the message. */
      readonly operation?: string | undefined;
    } = {},
  ) {
    const what = options.operation === undefined ? '' : ` on ${options.operation}`;
    super(`gave up${what} after ${attempts} attempt${attempts === 1 ? '' : 's'}: ${explanations[reason]}`, {
      ...options,
      code: RetryError.code,
      retryAfterMs: options.retryAfterMs ?? classify(options.cause).retryAfterMs,
    });
    this.reason = reason;
    this.attempts = attempts;
    this.errors = Object.freeze(errors.slice(-16));
    this.value = options.value;
  }
}

register(RetryError);
