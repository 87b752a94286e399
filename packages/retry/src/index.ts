export { attemptOf, currentAttempt, type AttemptContext, type AttemptInfo } from './attempt.ts';
export { attempts, type Attempt, type AttemptsOptions } from './attempts.ts';
export { type Backoff } from './backoff.ts';
export { type Budget } from './budget.ts';
export { capped } from './capped.ts';
export { constant } from './constant.ts';
export { decorrelated, type DecorrelatedOptions } from './decorrelated.ts';
export {
  type AttemptEvent,
  type GiveUpEvent,
  type GiveUpReason,
  type RetryDiagnostics,
  type RetryEvent,
} from './diagnostics.ts';
export { type ErrorMatcher } from './error-matcher.ts';
export { exponential, type ExponentialOptions } from './exponential.ts';
export { fibonacci, type FibonacciOptions } from './fibonacci.ts';
export { immediateFirst } from './immediate-first.ts';
export { jittered, type Jitter } from './jitter.ts';
export { linear, type LinearOptions } from './linear.ts';
export { parseRetryAfter } from './parse-retry-after.ts';
export { retry } from './retry.ts';
export { RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
export { RetryError } from './retry-error.ts';
export { type AttemptFailure, type RetryOptions } from './retry-options.ts';
export { RetryPolicy } from './retry-policy.ts';
export { sequence } from './sequence.ts';
export { TokenBudget, type TokenBudgetOptions } from './token-budget.ts';
