import { CanceledError, type Context } from '@patterns/context';
import { checkAnswer, reportListenerError } from '@patterns/context/internal';
import { classify, type ErrorKind } from '@patterns/errors';
import type { BreakerOptions } from './breaker-options.ts';
import type { CallOutcome, Verdict } from './call-outcome.ts';
import { isLocalRefusal } from './is-local-refusal.ts';

/** The target understood and said no: it works. */
const answers: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['client', 'auth', 'conflict']);

/**
 * What an error says about the target, by default: see `BreakerOptions.isFailure`. Whether the caller has given up is read from its context
 * and not from the error, which may be of any class: a library that was aborted throws its own.
 */
export function judgeError(error: unknown, caller: Context | undefined): Verdict {
  // Errors of a deadline are not among these: the target was too slow.
  if (caller !== undefined && caller.err instanceof CanceledError) return 'ignore';
  if (isLocalRefusal(error)) return 'ignore';
  return !answers.has(classify(error).kind);
}

/** What `isFailure` says. Never throws: what that throws is reported, and the call counts as failed. */
export function judgeOutcome(
  name: string | undefined,
  isFailure: NonNullable<BreakerOptions['isFailure']>,
  outcome: CallOutcome,
  caller: Context | undefined,
): Verdict {
  const byDefault = outcome.ok ? false : judgeError(outcome.error, caller);
  try {
    const verdict: unknown = checkAnswer('isFailure', isFailure(outcome, byDefault));
    return verdict === 'ignore' ? verdict : Boolean(verdict);
  } catch (error) {
    reportListenerError('breaker', name, 'isFailure', isFailure, error);
    return true;
  }
}
