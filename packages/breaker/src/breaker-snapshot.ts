import { checkMs, checkType } from '@patterns/context/internal';
import type { BreakerState } from './breaker-state.ts';
import { checkCount } from './check-option.ts';

/**
 * JSON. Times are relative, so that it survives a restart; the time in between does not count. The window is not in it. `'half-open'` comes
 * back as open with nothing left to wait; isolation ends with its process, so an isolated breaker is saved as what lies under it.
 */
export interface BreakerSnapshot {
  readonly version: 1;
  readonly state: Exclude<BreakerState, 'isolated'>;
  readonly retryAfterMs: number;
  readonly consecutiveOpens: number;
}

const states: ReadonlySet<unknown> = new Set<BreakerSnapshot['state']>(['closed', 'open', 'half-open', 'disabled']);

/**
 * The snapshot, as it was before it went through JSON: which writes `Infinity` as `null`.
 *
 * @throws {RangeError} for an unknown version or state, or a number out of range
 * @throws {TypeError} for what is no snapshot
 */
export function readSnapshot(option: string, snapshot: BreakerSnapshot): BreakerSnapshot {
  checkType(option, snapshot, typeof snapshot === 'object' && (snapshot as unknown) !== null, 'a snapshot');
  const { version, state, consecutiveOpens } = snapshot;
  if (version !== (1 as number)) throw new RangeError(`${option}.version must be 1, got ${String(version)}`);
  if (!states.has(state)) throw new RangeError(`${option}.state must be a state to begin with, got ${state}`);
  const retryAfterMs = (snapshot.retryAfterMs as number | null) === null ? Infinity : snapshot.retryAfterMs;
  checkMs(`${option}.retryAfterMs`, retryAfterMs);
  checkCount(`${option}.consecutiveOpens`, consecutiveOpens, 0);
  return { version, state, retryAfterMs, consecutiveOpens };
}
