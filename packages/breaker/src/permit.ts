import type { Context } from '@patterns/context';
import { disposeWith } from '@patterns/context/internal';
import type { Period } from './period.ts';
import type { Trial } from './half-open-trials.ts';

/**
 * Leave to make one call. The first word counts, later ones are ignored; what is said goes through `isFailure`. Disposing without a word is
 * `ignore()`, also when the block threw: say `failure(error)` in a `catch`.
 * A permit from an earlier period, or a trial older than `halfOpen.maxDurationMs`, changes nothing.
 *
 * @example
 * ```ts
 * using permit = breaker.tryAcquire();
 * if (permit === undefined) return cached;
 * stream.once('end', () => permit.success());
 * ```
 */
export interface Permit extends Disposable {
  success(value?: unknown): void;
  failure(error: unknown): void;
  ignore(): void;
}

/** Told once of each call: how it ended, and with what value or error. */
export type Settle = (permit: BreakerPermit, word: 'success' | 'failure' | 'ignore', result: unknown) => void;

export class BreakerPermit implements Permit {
  declare readonly [Symbol.dispose]: () => void;
  static {
    disposeWith(BreakerPermit, 'ignore');
  }

  /** That admitted the call. */
  readonly period: Period;
  /** The place that it takes, in half-open. */
  readonly trial: Trial | undefined;
  readonly caller: Context | undefined;
  /** Undefined where nobody wants to know how long the call takes. */
  readonly startedAtMs: number | undefined;
  #settle: Settle | undefined;

  constructor(
    settle: Settle,
    period: Period,
    trial: Trial | undefined,
    caller: Context | undefined,
    startedAtMs: number | undefined,
  ) {
    this.#settle = settle;
    this.period = period;
    this.trial = trial;
    this.caller = caller;
    this.startedAtMs = startedAtMs;
  }

  success(value?: unknown): void {
    this.#say('success', value);
  }

  failure(error: unknown): void {
    this.#say('failure', error);
  }

  ignore(): void {
    this.#say('ignore', undefined);
  }

  #say(word: 'success' | 'failure' | 'ignore', result: unknown): void {
    const settle = this.#settle;
    // Before anybody is called, who might say another word.
    this.#settle = undefined;
    settle?.(this, word, result);
  }
}
