import { systemClock, type Clock } from '@patterns/context';
import { checkCallback, checkClock, checkMs, checkNumber, checkText, checkType } from '@patterns/context/internal';
import { anyOf } from './any-of.ts';
import { readSnapshot, type BreakerSnapshot } from './breaker-snapshot.ts';
import type { CallOutcome, Verdict } from './call-outcome.ts';
import { checkCount, checkShare } from './check-option.ts';
import { consecutiveFailures } from './consecutive-failures.ts';
import type { BreakerStateChange } from './diagnostics.ts';
import type { HalfOpenOptions, ResolvedHalfOpenOptions } from './half-open-trials.ts';
import { failureRate } from './rate-rule.ts';
import { checkTripRule, type TripRule } from './trip-rule.ts';
import { lastMs } from './trip-window-size.ts';

export interface BreakerOptions {
  /** Names the breaker in events and in `BreakerOpenError.policy`. */
  readonly name?: string | undefined;
  /** When to open. @defaultValue `anyOf(consecutiveFailures(5), failureRate({ threshold: 0.5, window: lastMs(10_000), minimumCalls: 20 }))` */
  readonly trip?: TripRule | undefined;
  /**
   * How long it stays open; a number: exactly that, `Infinity`: until `close` or `reset`. `consecutiveOpens` counts from 1 and starts again
   * after closing. A function that throws, or gives no number >= 0, is told on `listener-error`, and the default applies.
   * @defaultValue 5_000, doubling to 60_000 with consecutive opens, 10 % jitter either way; `retryAfterMs` of the last error if longer, up to 60_000
   */
  readonly openMs?: number | ((consecutiveOpens: number, lastError: unknown) => number) | undefined;
  readonly halfOpen?: HalfOpenOptions | undefined;
  /**
   * Whether a call counts as failure. `'ignore'` counts as neither and gives a trial back. What it throws counts as failure and goes to
   * `listener-error`. The caller gets the outcome itself in any case. Costs a second clock read per call, for `durationMs`.
   *
   * The default, in this order:
   * - a value: success
   * - an error after the caller has cancelled (`err` of its context is a CanceledError), whatever its class: ignore. A deadline that passed is
   *   no cancellation: the target was too slow
   * - a refusal of our own policies in this process (limiter, bulkhead, pool, adaptive limit, throttle, another breaker): ignore
   * - an error whose kind (`classify`) is `client`, `auth` or `conflict`: success, as the target answered
   * - any other error: failure
   *
   * `byDefault` is what that says, so that yours need only know the exceptions to it:
   * `isFailure: (outcome, byDefault) => (outcome.ok ? outcome.value === null : byDefault)`.
   */
  readonly isFailure?: ((outcome: CallOutcome, byDefault: Verdict) => Verdict) | undefined;
  /** Calls longer than this are slow, whether they succeed or fail. Costs a second clock read per call. @defaultValue Infinity */
  readonly slowCallMs?: number | undefined;
  /** Fills `stats().durationMs`. Costs a second clock read per call, and 24 kB. @defaultValue false */
  readonly durations?: boolean | undefined;
  /** State to begin with. @throws {RangeError} for an unknown version */
  readonly initial?: BreakerSnapshot | undefined;
  /** Called when the change is complete, before the call that caused it settles; may call the breaker. */
  readonly onStateChange?: ((event: BreakerStateChange) => void) | undefined;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
  /** In [0, 1). @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
}

export interface ResolvedOptions {
  readonly name: string | undefined;
  readonly trip: TripRule;
  readonly openMs: BreakerOptions['openMs'];
  readonly halfOpen: ResolvedHalfOpenOptions;
  readonly isFailure: BreakerOptions['isFailure'];
  readonly slowCallMs: number;
  readonly durations: boolean;
  readonly initial: BreakerSnapshot | undefined;
  readonly onStateChange: BreakerOptions['onStateChange'];
  readonly clock: Clock;
  readonly random: () => number;
}

/** Looked up on each call, so that a fake one applies. */
const systemRandom = (): number => Math.random();

/** Two rules, as each is blind to what the other sees: a target that is down, at low traffic too, and one that fails half of the time. */
export function defaultTrip(): TripRule {
  return anyOf(consecutiveFailures(5), failureRate({ threshold: 0.5, window: lastMs(10_000), minimumCalls: 20 }));
}

/**
 * @throws {RangeError} for an option out of range
 * @throws {TypeError} for one of the wrong type
 */
export function resolveOptions(options: BreakerOptions): ResolvedOptions {
  const { name, trip = defaultTrip(), openMs, halfOpen = {}, isFailure, slowCallMs = Infinity } = options;
  const { durations = false, initial, onStateChange, clock = systemClock, random = systemRandom } = options;
  checkText('name', name);
  checkTripRule('trip', trip);
  if (typeof openMs === 'number') checkMs('openMs', openMs);
  else checkType('openMs', openMs, openMs === undefined || typeof openMs === 'function', 'a number or a function');
  checkCallback('isFailure', isFailure);
  checkMs('slowCallMs', slowCallMs);
  checkType('durations', durations, typeof durations === 'boolean', 'a boolean');
  checkCallback('onStateChange', onStateChange);
  checkClock(clock);
  checkCallback('random', random);
  return {
    name,
    trip,
    openMs,
    halfOpen: resolveHalfOpen(halfOpen),
    isFailure,
    slowCallMs,
    durations,
    initial: initial === undefined ? undefined : readSnapshot('initial', initial),
    onStateChange,
    clock,
    random,
  };
}

function resolveHalfOpen(options: HalfOpenOptions): ResolvedHalfOpenOptions {
  checkType('halfOpen', options, typeof options === 'object' && (options as unknown) !== null, 'an object');
  const { maxCalls = 1, successRate = 1, maxDurationMs = 30_000 } = options;
  checkCount('halfOpen.maxCalls', maxCalls);
  checkShare('halfOpen.successRate', successRate);
  checkNumber('halfOpen.maxDurationMs', maxDurationMs, maxDurationMs > 0, 'above 0');
  return { maxCalls, successRate, maxDurationMs };
}
