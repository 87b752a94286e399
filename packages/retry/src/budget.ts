import { checkType } from '@patterns/context/internal';

/**
 * Limits extra calls over many policies, also for hedging: what keeps a retry from multiplying the load on a target that is down.
 * Structural: an object of your own, or of another copy of this package, fits as well.
 */
export interface Budget {
  /** A first attempt begins (`'call'`), an attempt succeeded, an attempt failed with something retryable. */
  record(event: 'call' | 'success' | 'failure'): void;
  /** Whether an extra call may be made now; takes what it costs. */
  tryWithdraw(): boolean;
}

/** @throws {TypeError} for what lacks one of the two methods */
export function checkBudget(option: string, budget: unknown): void {
  const { record, tryWithdraw } = (budget ?? {}) as Partial<Budget>;
  checkType(
    option,
    budget,
    typeof record === 'function' && typeof tryWithdraw === 'function',
    'a budget, such as a RetryBudget',
  );
}
