import {
  background,
  toContext,
  type Cancellation,
  type Context,
  type ExecuteOptions,
  type Operation,
  type Policy,
} from '@patterns/context';
import { checkCancellation, checkFunction, isPromiseLike, lookAfter, whenSettled } from '@patterns/context/internal';
import { BreakerOpenError } from './breaker-open-error.ts';
import { resolveOptions, type BreakerOptions, type ResolvedOptions } from './breaker-options.ts';
import type { BreakerSnapshot } from './breaker-snapshot.ts';
import type { BreakerState } from './breaker-state.ts';
import type { BreakerStats } from './breaker-stats.ts';
import type { CallOutcome, Verdict } from './call-outcome.ts';
import { Circuit } from './circuit.ts';
import { callChannel, rejectedChannel } from './diagnostics.ts';
import type { Trial } from './half-open-trials.ts';
import { Isolation } from './isolation.ts';
import { judgeError, judgeOutcome } from './judge.ts';
import type { NotPromise } from './not-promise.ts';
import {
  retryAfterMs,
  type ClosedPeriod,
  type DisabledPeriod,
  type HalfOpenPeriod,
  type IsolatedPeriod,
  type OpenPeriod,
  type Period,
} from './period.ts';
import { BreakerPermit, type Permit, type Settle } from './permit.ts';

/** What a refused call is told. */
interface Refusal {
  readonly name: string | undefined;
  readonly state: 'open' | 'half-open' | 'isolated';
  readonly retryAfterMs: number;
}

/** What follows when a call settles. The same for all calls of a period that need not be told apart, so that one allocates no more than its promise. */
interface Reactions {
  readonly period: Period;
  readonly onValue: <T>(value: T) => T;
  readonly onError: (error: unknown) => never;
  readonly onErrorOf: (caller: Context) => (error: unknown) => never;
}

/** Whether it is closed, without noticing what time has brought about: that never closes it. For code that must not call listeners. */
export function isClosed(breaker: CircuitBreaker): boolean {
  return circuits.get(breaker)?.period.state === 'closed';
}

/** For {@link isClosed}. A static block would do, but bundlers keep a class that has one. */
const circuits = new WeakMap<CircuitBreaker, Circuit>();

/**
 * Stops calling what fails. closed -> open by the trip rule; open -> half-open after `openMs`; half-open -> closed or open by the trials.
 *
 * - No timer: what time has brought about is noticed on the next use, reading `state`, `retryAfterMs` and `stats()` included. At exactly
 *   `openMs` after opening it is half-open.
 * - A call counts when it settles, in the bucket of that moment, and only in the period (between two state changes) that admitted it. Each
 *   period begins with an empty window.
 * - Calls that are refused count as `rejected` and nowhere else. O(1) per call, whatever the window.
 *
 * Keep one for each target, for as long as the process: one made for a call knows nothing. For many targets see {@link KeyedBreakers}.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker({ name: 'users', slowCallMs: 2_000 });
 * const user = await breaker.execute((ctx) => loadUser('7', { signal: ctx.signal }));
 * ```
 * @see Michael T. Nygard, Release It!, second edition, chapter 5
 * @see https://martinfowler.com/bliki/CircuitBreaker.html
 */
export class CircuitBreaker implements Policy {
  readonly name: string | undefined;
  // eslint-disable-next-line @typescript-eslint/prefer-as-const -- without the annotation the declarations say `kind = "breaker"`, which widens
  readonly kind: 'breaker' = 'breaker';
  readonly #options: ResolvedOptions;
  readonly #circuit: Circuit;
  /** Whether somebody always wants to know how long calls take. */
  readonly #isTimed: boolean;
  /** Of the period in which they were last needed. */
  #reactions: Reactions;

  /**
   * @throws {RangeError} for an option out of range
   * @throws {TypeError} for one of the wrong type
   */
  constructor(options: BreakerOptions = {}) {
    this.#options = resolveOptions(options);
    this.#circuit = new Circuit(this.#options);
    circuits.set(this, this.#circuit);
    const { name, durations, slowCallMs, isFailure } = this.#options;
    this.name = name;
    this.#isTimed = durations || slowCallMs !== Infinity || isFailure !== undefined;
    this.#reactions = this.#reactionsIn(this.#circuit.period);
  }

  /**
   * Ends as `operation` does. A synchronous throw is a rejection. Makes no call, and counts nothing, if `signal` has ended before.
   *
   * @throws {BreakerOpenError} without calling, when not closed and no trial is free
   */
  execute<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<T> {
    let caller: Context | undefined;
    let onValue: (value: T) => T;
    let onError: (error: unknown) => never;
    try {
      checkFunction('operation', operation);
      if (options?.signal !== undefined) caller = callerOf(options.signal);
      const { period } = this.#circuit;
      if (admitsAll(period) && !this.#isTimed && !callChannel.hasSubscribers) {
        if (this.#reactions.period !== period) this.#reactions = this.#reactionsIn(period);
        onValue = this.#reactions.onValue;
        onError = caller === undefined ? this.#reactions.onError : this.#reactions.onErrorOf(caller);
      } else {
        const permit = this.#admit(caller);
        // Not thrown, which costs more than all the rest.
        if (!(permit instanceof BreakerPermit)) return Promise.reject(this.#errorFor(permit));
        onValue = (value) => {
          permit.success(value);
          return value;
        };
        onError = (error) => {
          permit.failure(error);
          throw error;
        };
      }
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of the caller, whatever that is
      return Promise.reject(error);
    }
    try {
      return whenSettled(operation(caller ?? background()), onValue, onError);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the operation threw
      return Promise.reject(error).catch(onError);
    }
  }

  /** For functions that return no promise. @throws {BreakerOpenError} as {@link execute}; {TypeError} for a promise, which counts as nothing */
  executeSync<T>(fn: () => NotPromise<T>): T {
    checkFunction('fn', fn);
    const permit = this.#admit(undefined);
    if (!(permit instanceof BreakerPermit)) throw this.#errorFor(permit);
    let value: T;
    try {
      value = fn();
    } catch (error) {
      permit.failure(error);
      throw error;
    }
    if (isPromise(value)) {
      permit.ignore();
      lookAfter(Promise.resolve(value));
      throw new TypeError('fn must not return a promise: use execute');
    }
    permit.success(value);
    return value;
  }

  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => T | PromiseLike<T>,
  ): (this: This, ...args: A) => Promise<T> {
    checkFunction('fn', fn);
    const execute = <R>(operation: Operation<R>): Promise<R> => this.execute(operation);
    return function (...args) {
      return execute(() => fn.apply(this, args));
    };
  }

  /** For streams and callbacks: one call, whose outcome you report. `undefined` when refused. */
  tryAcquire(): Permit | undefined {
    const admitted = this.#admit(undefined);
    return admitted instanceof BreakerPermit ? admitted : undefined;
  }

  get state(): BreakerState {
    return this.#circuit.current(this.#circuit.now()).state;
  }

  /** 0 when a call would be admitted, what is left of the open time, `Infinity` when isolated; in half-open without a free trial an estimate of at most 1 000. */
  get retryAfterMs(): number {
    const nowMs = this.#circuit.now();
    return retryAfterMs(this.#circuit.current(nowMs), nowMs);
  }

  stats(): BreakerStats {
    const nowMs = this.#circuit.now();
    return this.#circuit.stats(this.#circuit.current(nowMs), nowMs);
  }

  /** For `initial` of another breaker, in another process too. */
  snapshot(): BreakerSnapshot {
    return this.#circuit.snapshot();
  }

  /** Opens for `openMs`, as if tripped. Nothing happens if it is open, isolated or disabled. */
  open(): void {
    this.#circuit.open();
  }

  /** Closes, with an empty window. Nothing happens if it is closed, isolated or disabled. */
  close(): void {
    this.#circuit.close();
  }

  /** Refuses everything until each of the handles has been disposed; then closed with an empty window, or disabled. */
  isolate(): Disposable {
    const isolated = this.#circuit.isolate();
    return new Isolation(() => {
      this.#circuit.release(isolated);
    });
  }

  /** Lets everything through and goes on counting (metrics only), until {@link enable}. */
  disable(): void {
    this.#circuit.disable();
  }

  /** Closed with an empty window. Nothing happens if it is not disabled. */
  enable(): void {
    this.#circuit.enable();
  }

  /** As new, without {@link BreakerOptions.initial}: closed, nothing counted. Handles of {@link isolate} become void. */
  reset(): void {
    this.#circuit.reset();
  }

  #errorFor({ state, retryAfterMs }: Refusal): BreakerOpenError {
    return new BreakerOpenError(state, retryAfterMs, { policy: this.name, cause: this.#circuit.lastError });
  }

  #admit(caller: Context | undefined): BreakerPermit | Refusal {
    const nowMs = this.#circuit.now();
    const period = this.#circuit.current(nowMs);
    let trial: Trial | undefined;
    if (period.state === 'half-open' && period.trials.hasPlace) trial = period.trials.begin(nowMs);
    else if (!admitsAll(period)) return this.#refuse(period, nowMs);
    const isTimed = this.#isTimed || callChannel.hasSubscribers;
    return new BreakerPermit(this.#settle, period, trial, caller, isTimed ? nowMs : undefined);
  }

  #refuse(period: OpenPeriod | HalfOpenPeriod | IsolatedPeriod, nowMs: number): Refusal {
    this.#circuit.rejected++;
    const refusal = { name: this.name, state: period.state, retryAfterMs: retryAfterMs(period, nowMs) };
    if (rejectedChannel.hasSubscribers) rejectedChannel.publish(refusal);
    return refusal;
  }

  /** The short way, for calls that take no trial and are timed for nobody. */
  #reactionsIn(period: Period): Reactions {
    const circuit = this.#circuit;
    const fail = (error: unknown, caller: Context | undefined): never => {
      if (circuit.period === period) {
        const verdict = judgeError(error, caller);
        if (verdict === 'ignore') circuit.ignored++;
        else circuit.count(verdict, false, error, circuit.now());
      }
      throw error;
    };
    return {
      period,
      onValue: (value) => {
        if (circuit.period === period) circuit.count(false, false, undefined, circuit.now());
        return value;
      },
      onError: (error) => fail(error, undefined),
      onErrorOf: (caller) => (error) => fail(error, caller),
    };
  }

  /** The way of all other calls. */
  readonly #settle: Settle = (permit, word, result) => {
    const circuit = this.#circuit;
    const { caller, startedAtMs } = permit;
    const nowMs = circuit.now();
    // The trial itself may have taken too long.
    if (permit.trial !== undefined) circuit.current(nowMs);
    const isHeard = startedAtMs !== undefined && callChannel.hasSubscribers;
    if (!isHeard && !this.#counts(permit)) return;

    const durationMs = startedAtMs === undefined ? 0 : Math.max(0, nowMs - startedAtMs);
    const slow = durationMs > this.#options.slowCallMs;
    const error = word === 'failure' ? result : undefined;
    const verdict = word === 'ignore' ? 'ignore' : this.#judge(word === 'success', result, durationMs, caller);
    // Asked again: `isFailure` may have used the breaker.
    if (this.#counts(permit)) this.#count(permit, verdict, slow, durationMs, error, nowMs);
    if (!isHeard) return;
    const said = verdict === 'ignore' ? 'ignored' : verdict ? 'failure' : 'success';
    callChannel.publish({ name: this.name, outcome: said, durationMs, slow, error });
  };

  #judge(ok: boolean, result: unknown, durationMs: number, caller: Context | undefined): Verdict {
    // No outcome is made where nobody reads it.
    if (this.#options.isFailure === undefined) return ok ? false : judgeError(result, caller);
    const outcome: CallOutcome = ok ? { ok, value: result, durationMs } : { ok, error: result, durationMs };
    return judgeOutcome(this.name, this.#options.isFailure, outcome, caller);
  }

  #counts({ period, trial }: BreakerPermit): boolean {
    if (period !== this.#circuit.period) return false;
    return trial === undefined || (period.state === 'half-open' && period.trials.isRunning(trial));
  }

  #count(
    { period, trial }: BreakerPermit,
    verdict: Verdict,
    slow: boolean,
    durationMs: number,
    error: unknown,
    nowMs: number,
  ): void {
    const circuit = this.#circuit;
    const isTrial = trial !== undefined && period.state === 'half-open';
    if (verdict === 'ignore') {
      circuit.ignored++;
      if (isTrial) period.trials.ignore(trial);
      return;
    }
    circuit.recordDuration(durationMs, nowMs);
    if (isTrial) circuit.countTrial(period, trial, verdict, slow, error, nowMs);
    else circuit.count(verdict, slow, error, nowMs);
  }
}

function admitsAll(period: Period): period is ClosedPeriod | DisabledPeriod {
  return period.state === 'closed' || period.state === 'disabled';
}

/** @throws the reason of a caller who has given up, and a {TypeError} for what is no caller */
function callerOf(signal: Cancellation): Context {
  checkCancellation(signal, 'signal');
  const caller = toContext(signal);
  if (caller.done) throw caller.cause;
  return caller;
}

/** A value that cannot be asked is one like any other. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  try {
    return isPromiseLike(value);
  } catch {
    return false;
  }
}
