import { systemClock, type Clock } from '@patterns/context';
import { checkClock, checkOneOf, checkText } from '@patterns/context/internal';
import { checkPositive, checkRange, checkWhole } from './check-option.ts';

/** Common to all limiters. */
export interface LimiterOptions {
  /** Names the instance in errors, events and its {@link QuotaPolicy}. */
  readonly name?: string | undefined;
  /** For `acquire` and `execute` without their own. @defaultValue Infinity */
  readonly maxWaitMs?: number | undefined;
  /** Callers waiting in `acquire`. @defaultValue 1_000 */
  readonly maxQueue?: number | undefined;
  /** When one more comes: it is refused (`'queue-full'`), or the one that has waited longest is (`'dropped'`). @defaultValue `'reject'` */
  readonly overflow?: 'reject' | 'drop-oldest' | undefined;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
}

/** `limit` permits per `windowMs`. */
export interface WindowOptions extends LimiterOptions {
  readonly limit: number;
  readonly windowMs: number;
}

/** {@link LimiterOptions} with their defaults. */
export interface ResolvedLimiterOptions {
  readonly name: string | undefined;
  readonly maxWaitMs: number;
  readonly maxQueue: number;
  readonly dropsOldest: boolean;
  readonly clock: Clock;
}

export function resolveLimiterOptions(options: LimiterOptions): ResolvedLimiterOptions {
  const { name, maxWaitMs = Infinity, maxQueue = 1_000, overflow = 'reject', clock = systemClock } = options;
  checkText('name', name);
  checkRange('maxWaitMs', maxWaitMs, 0);
  checkWhole('maxQueue', maxQueue, 0, Infinity);
  checkOneOf('overflow', overflow, ['reject', 'drop-oldest']);
  checkClock(clock);
  return { name, maxWaitMs, maxQueue, dropsOldest: overflow === 'drop-oldest', clock };
}

export function checkWindow({ limit, windowMs }: WindowOptions): void {
  checkWhole('limit', limit, 0, Infinity);
  checkPositive('windowMs', windowMs);
}
