import { checkType } from '@patterns/context/internal';

/**
 * When to open. Immutable and shareable: each breaker gets its own window from it, so that one rule serves ten thousand breakers.
 *
 * @example
 * ```ts
 * // opens when the failures of a period outnumber its successes
 * const outnumbered: TripRule = {
 *   name: 'outnumbered',
 *   start: () => {
 *     let calls = 0;
 *     let failures = 0;
 *     return {
 *       record: (failed) => {
 *         calls++;
 *         if (failed) failures++;
 *         return failed && calls >= 10 && failures * 2 > calls;
 *       },
 *       counts: () => ({ calls, failures, slow: 0 }),
 *     };
 *   },
 * };
 * ```
 */
export interface TripRule {
  readonly name: string;
  /** A fresh window, at construction and at each state change, for the breaker of that name, which is of use to rules that report something. */
  start(nowMs: number, breaker?: string): TripWindow;
}

/** Counts one period of one breaker. Must be O(1) per call. What it throws goes to `listener-error`, and opens nothing. */
export interface TripWindow {
  /** `true`: open now; heard only when closed. Ignored calls are not recorded. */
  record(failed: boolean, slow: boolean, nowMs: number): boolean;
  /** For `stats()`; `undefined` if it keeps no window. */
  counts(nowMs: number): TripCounts | undefined;
}

export interface TripCounts {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** @throws {TypeError} for what has no `start` */
export function checkTripRule(option: string, rule: unknown): void {
  const { start } = (rule ?? {}) as Partial<TripRule>;
  checkType(option, rule, typeof start === 'function', 'a trip rule, such as consecutiveFailures(5)');
}
