import { systemClock, type Clock, type WaitOptions } from '@patterns/context';
import {
  checkCancellation,
  checkClock,
  checkMs,
  checkNumber,
  checkOneOf,
  checkSize,
  checkText,
  checkType,
} from '@patterns/context/internal';

export interface TaskPoolOptions {
  /** In errors and diagnostics. */
  readonly name?: string | undefined;
  /** Total weight running at the same time, an integer from 1 or `Infinity`; a task weighs 1 unless it says otherwise. */
  readonly concurrency: number;
  /** Tasks waiting, an integer or `Infinity`; 0: a task starts at once or overflows. @defaultValue 1_000 */
  readonly maxQueue?: number | undefined;
  /**
   * What happens to a task that comes at `maxQueue`. @defaultValue `'reject'`
   * - `'reject'`: it is refused with `PoolFullError`
   * - `'wait'`: it stands before the queue, first come, first served, until there is a place; nothing bounds how many do but the submitters who await
   * - `'drop-oldest'`, `'drop-newest'`: it takes the place of a waiting one, the first or the last that came of those of the lowest priority, which is refused with `PoolFullError`;
   *   if all are higher than itself, or items of a `map`, it is refused
   * - `'caller-runs'`: it starts at once, outside the limit, also while the pool is paused; refused if a task with its key runs or waits, with `serializeKeys`
   */
  readonly overflow?: 'reject' | 'wait' | 'drop-oldest' | 'drop-newest' | 'caller-runs' | undefined;
  /** Between tasks of the same priority: in order, or in turns over their `key`s; those without one share the turns of one key. @defaultValue `'fifo'` */
  readonly fairness?: 'fifo' | 'round-robin' | undefined;
  /** Tasks with the same `key` one at a time, in the order they came whatever their priorities; those of other keys overtake. @defaultValue false */
  readonly serializeKeys?: boolean | undefined;
  /** A task counts as one priority higher for each such time in the queue, fully over. In turns a priority is as old as the task whose key's turn it is. Above 0. @defaultValue Infinity */
  readonly ageingMs?: number | undefined;
  /** Ends the pool: what waits and what comes rejects with its reason, the contexts of what runs end with it. */
  readonly signal?: WaitOptions['signal'];
  /** Publishes `patterns:pool:stalled` when tasks wait and none has settled for this long. Infinity: never. @defaultValue 30_000 */
  readonly stallWarningMs?: number | undefined;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
}

/** All there, and checked. */
export interface ResolvedOptions {
  readonly name: string | undefined;
  readonly concurrency: number;
  readonly maxQueue: number;
  readonly overflow: 'reject' | 'wait' | 'drop-oldest' | 'drop-newest' | 'caller-runs';
  readonly fairness: 'fifo' | 'round-robin';
  readonly serializeKeys: boolean;
  readonly ageingMs: number;
  readonly signal: WaitOptions['signal'];
  readonly stallWarningMs: number;
  readonly clock: Clock;
}

export function resolveOptions(options: TaskPoolOptions): ResolvedOptions {
  const {
    name,
    concurrency,
    maxQueue = 1_000,
    overflow = 'reject',
    fairness = 'fifo',
    serializeKeys = false,
    ageingMs = Infinity,
    signal,
    stallWarningMs = 30_000,
    clock = systemClock,
  } = options;
  checkText('name', name);
  checkSize('concurrency', concurrency, 1);
  checkSize('maxQueue', maxQueue, 0);
  checkOneOf('overflow', overflow, ['reject', 'wait', 'drop-oldest', 'drop-newest', 'caller-runs']);
  checkOneOf('fairness', fairness, ['fifo', 'round-robin']);
  checkType('serializeKeys', serializeKeys, typeof serializeKeys === 'boolean', 'a boolean');
  checkNumber('ageingMs', ageingMs, ageingMs > 0, 'above 0 milliseconds');
  checkCancellation(signal, 'signal');
  checkMs('stallWarningMs', stallWarningMs);
  checkClock(clock);
  return {
    name,
    concurrency,
    maxQueue,
    overflow,
    fairness,
    serializeKeys,
    ageingMs,
    signal,
    stallWarningMs,
    clock,
  };
}
