import type { ListenerErrorMessage } from '@patterns/context';
import { diagnosticsChannel, type DiagnosticsChannel } from '@patterns/context/internal';

/** A call was refused, and not made. */
export interface RefusedEvent {
  /** Of the instance. */
  readonly name: string | undefined;
  /** Calls that run at this moment. */
  readonly running: number;
}

/**
 * Channel name to message, for `node:diagnostics_channel`. Nothing is built without a subscriber; what a subscriber throws
 * becomes an uncaught exception (Node's rule).
 */
export interface RatelimitDiagnostics {
  readonly 'patterns:ratelimit:refused': RefusedEvent;
  readonly 'patterns:ratelimit:listener-error': ListenerErrorMessage;
}

// Held here for as long as the module is loaded: channels that nobody holds were collected in some versions of Node.
export const refusedChannel: DiagnosticsChannel<RefusedEvent> = diagnosticsChannel('patterns:ratelimit:refused');
