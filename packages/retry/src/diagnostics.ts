import type { ListenerErrorMessage } from '@patterns/context';
import { diagnosticsChannel, type DiagnosticsChannel } from '@patterns/context/internal';
import type { AttemptInfo } from './attempt.ts';

/**
 * Why there was no further attempt:
 *
 * | reason        | when |
 * |---------------|------|
 * | canceled      | the caller's context is done: before the first call (zero calls), after an attempt, in the middle of a wait (at once) |
 * | not-retryable | marked `permanent`, or `retryIf` says no |
 * | attempts      | `maxAttempts` calls are made, or the backoff has ended |
 * | retry-after   | the error's `retryAfterMs` is over `maxRetryAfterMs` |
 * | elapsed       | the wait would end after `maxElapsedMs` |
 * | deadline      | the wait would end at the deadline of the caller's context or after it |
 * | budget        | the budget is spent |
 *
 * Checked in this order after a failed attempt.
 */
export type GiveUpReason =
  'attempts' | 'elapsed' | 'deadline' | 'budget' | 'not-retryable' | 'retry-after' | 'canceled';

/** A call is about to be made. */
export interface AttemptEvent extends AttemptInfo {
  readonly name: string | undefined;
}

/** Another attempt follows after `delayMs`. `error` is `undefined` when a value is retried, `value` when an error is. */
export interface RetryEvent extends AttemptEvent {
  readonly error: unknown;
  readonly value: unknown;
  readonly delayMs: number;
}

/** There was a failure and no further attempt. */
export interface GiveUpEvent {
  readonly name: string | undefined;
  readonly reason: GiveUpReason;
  /** Calls made. */
  readonly attempts: number;
  readonly elapsedMs: number;
  /** What the last attempt ended with; kept here when the call itself rejects with the caller's reason. */
  readonly error: unknown;
  readonly value: unknown;
}

/**
 * Channel name to message, for `node:diagnostics_channel`. Nothing is built without a subscriber; what a subscriber throws becomes an
 * uncaught exception (Node's rule).
 */
export interface RetryDiagnostics {
  readonly 'patterns:retry:attempt': AttemptEvent;
  readonly 'patterns:retry:retry': RetryEvent;
  readonly 'patterns:retry:give-up': GiveUpEvent;
  readonly 'patterns:retry:listener-error': ListenerErrorMessage;
}

// Held here for as long as the module is loaded: channels that nobody holds were collected in some versions of Node.
export const attemptChannel: DiagnosticsChannel<AttemptEvent> = diagnosticsChannel('patterns:retry:attempt');
export const retryChannel: DiagnosticsChannel<RetryEvent> = diagnosticsChannel('patterns:retry:retry');
export const giveUpChannel: DiagnosticsChannel<GiveUpEvent> = diagnosticsChannel('patterns:retry:give-up');
