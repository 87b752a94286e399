import type { ListenerErrorMessage } from '@patterns/context';
import { diagnosticsChannel, type DiagnosticsChannel } from '@patterns/context/internal';

/** An answer to somebody who asked for permits. */
export interface DecisionMessage {
  readonly name: string | undefined;
  /** Of keyed limiters. */
  readonly key: string | undefined;
  readonly permits: number;
  readonly allowed: boolean;
  /** 0 when allowed. */
  readonly retryAfterMs: number;
}

/** A caller of `acquire` got its permits after a wait. */
export interface WaitMessage {
  readonly name: string | undefined;
  readonly waitedMs: number;
  /** Those who wait still. */
  readonly queued: number;
}

export interface RateChangeMessage {
  readonly name: string | undefined;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

export interface EvictedMessage {
  readonly name: string | undefined;
  /** Keys that are remembered. */
  readonly size: number;
}

export interface StoreErrorMessage {
  readonly name: string | undefined;
  readonly error: unknown;
  readonly answered: 'local' | 'allow' | 'deny';
}

/**
 * Channel name to message, for `node:diagnostics_channel`. Nothing is built without a subscriber; what a subscriber throws becomes an
 * uncaught exception (Node's rule).
 */
export interface RateLimitDiagnostics {
  readonly 'patterns:ratelimit:decision': DecisionMessage;
  readonly 'patterns:ratelimit:wait': WaitMessage;
  /** By `update` or an `AdaptiveRate`, which tells of the end of a cap with the next answer. */
  readonly 'patterns:ratelimit:rate-change': RateChangeMessage;
  /** A key that was not back to full had to be forgotten. */
  readonly 'patterns:ratelimit:evicted': EvictedMessage;
  /** For limits in a store that is shared. Those of this process publish neither this nor the next one. */
  readonly 'patterns:ratelimit:store-error': StoreErrorMessage;
  /** For limits that call functions of others while they decide. */
  readonly 'patterns:ratelimit:listener-error': ListenerErrorMessage;
}

// Held here for as long as the module is loaded: channels that nobody holds were collected in some versions of Node.
// Ask `hasSubscribers` before building a message.
export const decisionChannel: DiagnosticsChannel<DecisionMessage> = diagnosticsChannel('patterns:ratelimit:decision');
export const waitChannel: DiagnosticsChannel<WaitMessage> = diagnosticsChannel('patterns:ratelimit:wait');
export const rateChangeChannel: DiagnosticsChannel<RateChangeMessage> = diagnosticsChannel(
  'patterns:ratelimit:rate-change',
);
export const evictedChannel: DiagnosticsChannel<EvictedMessage> = diagnosticsChannel('patterns:ratelimit:evicted');
