import type { ListenerErrorMessage } from '@patterns/context';
import { diagnosticsChannel, type DiagnosticsChannel } from '@patterns/context/internal';
import type { BreakerState } from './breaker-state.ts';
import type { BreakerStats } from './breaker-stats.ts';

/**
 * Why the state changed:
 *
 * | reason          | from → to                  | when |
 * |-----------------|----------------------------|------|
 * | rule            | closed → open              | the trip rule said so when a call was recorded |
 * | elapsed         | open → half-open           | the open time was over when the breaker was next used |
 * | trial-succeeded | half-open → closed         | enough trials have succeeded |
 * | trial-failed    | half-open → open           | too many have failed for enough to succeed |
 * | trial-expired   | half-open → open           | the same, and the last one took `maxDurationMs` |
 * | manual          | any                        | `open`, `close`, `isolate` and its handles, `disable`, `enable`, `reset` |
 */
export type StateChangeReason = 'rule' | 'elapsed' | 'trial-succeeded' | 'trial-failed' | 'trial-expired' | 'manual';

export interface BreakerStateChange {
  readonly name: string | undefined;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** The trip rule, the end of the open time, the trials, or a command. */
  readonly reason: StateChangeReason;
  /** Clock time at which it was noticed. */
  readonly atMs: number;
  /** Until the next trial; 0 when not open. */
  readonly retryAfterMs: number;
  /** The failure that caused it, or the last one before. */
  readonly error: unknown;
  /** Of the period that ended. */
  readonly stats: BreakerStats;
}

/** A call that was admitted has ended, the late ones that no longer count included. */
export interface CallMessage {
  readonly name: string | undefined;
  readonly outcome: 'success' | 'failure' | 'ignored';
  readonly durationMs: number;
  readonly slow: boolean;
  readonly error: unknown;
}

export interface RejectedMessage {
  readonly name: string | undefined;
  readonly state: BreakerState;
  readonly retryAfterMs: number;
}

/**
 * Channel name to message, for `node:diagnostics_channel`. Nothing is built without a subscriber; what a subscriber throws becomes an
 * uncaught exception (Node's rule).
 */
export interface BreakerDiagnostics {
  readonly 'patterns:breaker:state-change': BreakerStateChange;
  /** `durationMs` and `slow` are measured while somebody listens: told of calls that began while somebody did. */
  readonly 'patterns:breaker:call': CallMessage;
  readonly 'patterns:breaker:rejected': RejectedMessage;
  readonly 'patterns:breaker:listener-error': ListenerErrorMessage;
}

// Held here for as long as the module is loaded: channels that nobody holds were collected in some versions of Node.
export const stateChangeChannel: DiagnosticsChannel<BreakerStateChange> = diagnosticsChannel(
  'patterns:breaker:state-change',
);
export const callChannel: DiagnosticsChannel<CallMessage> = diagnosticsChannel('patterns:breaker:call');
export const rejectedChannel: DiagnosticsChannel<RejectedMessage> = diagnosticsChannel('patterns:breaker:rejected');
