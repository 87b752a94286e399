import type { ListenerErrorMessage } from '@patterns/context';
import { diagnosticsChannel, type DiagnosticsChannel } from '@patterns/context/internal';

/** How a task that had started settled. */
export type TaskOutcome = 'completed' | 'failed' | 'canceled' | 'timed-out';

/** Why a task will never start. */
export type TaskRefusal =
  'queue-full' | 'dropped' | 'cleared' | 'closed' | 'canceled' | 'queue-timeout' | 'nested-wait';

/**
 * Channel name to message, for `node:diagnostics_channel`. `name` is that of the pool. Nothing is built without a subscriber; what a subscriber
 * throws becomes an uncaught exception (Node's rule).
 */
export interface PoolDiagnostics {
  /** A task that had started has settled: its promise has, though the operation may run on. */
  readonly 'patterns:pool:task': {
    readonly name: string | undefined;
    readonly task: string | undefined;
    readonly outcome: TaskOutcome;
    readonly waitMs: number;
    readonly runMs: number;
    readonly error: unknown;
  };
  /** A task will never start. */
  readonly 'patterns:pool:rejected': {
    readonly name: string | undefined;
    readonly task: string | undefined;
    readonly reason: TaskRefusal;
  };
  /** Tasks wait, all slots are taken, and nothing has settled for `stallWarningMs`; once until something does. Told if somebody listened when the waiting began. */
  readonly 'patterns:pool:stalled': {
    readonly name: string | undefined;
    readonly active: number;
    readonly queued: number;
    readonly stalledMs: number;
  };
  readonly 'patterns:pool:resize': { readonly name: string | undefined; readonly from: number; readonly to: number };
  readonly 'patterns:pool:listener-error': ListenerErrorMessage;
}

type Channel<Name extends keyof PoolDiagnostics> = DiagnosticsChannel<PoolDiagnostics[Name]>;

// Held here for as long as the module is loaded: channels that nobody holds were collected in some versions of Node.
export const taskChannel: Channel<'patterns:pool:task'> = diagnosticsChannel('patterns:pool:task');
export const rejectedChannel: Channel<'patterns:pool:rejected'> = diagnosticsChannel('patterns:pool:rejected');
export const stalledChannel: Channel<'patterns:pool:stalled'> = diagnosticsChannel('patterns:pool:stalled');
export const resizeChannel: Channel<'patterns:pool:resize'> = diagnosticsChannel('patterns:pool:resize');
