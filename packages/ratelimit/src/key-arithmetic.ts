import type { LatestTime } from './latest-time.ts';
import type { QuotaPolicy } from './quota-policy.ts';

/**
 * One algorithm as arithmetic over the few numbers that a key has, `cells[at]` and those that follow. It keeps nothing itself, and whatever holds
 * numbers can do the same.
 *
 * The first number is always the time at which the key is back to full: whoever has to forget keys finds those that are not missed without
 * knowing their algorithm. {@link empty} there means that nothing has been taken yet; the other numbers are then 0. Times do not step back.
 */
export interface KeyArithmetic {
  readonly kind: number;
  /** The most that can be had at once. */
  readonly limit: number;
  readonly policy: QuotaPolicy;
  /** How many numbers a key has in the array that it shares with others; 0: an array of its own, see {@link withRoom}. */
  readonly width: number;

  /** Takes so many, at most `limit`, now or not at all. */
  tryTake(cells: Float64Array, at: number, cost: number, time: LatestTime): boolean;
  /** When so many, at most `limit`, can be taken. */
  availableAt(cells: Float64Array, at: number, cost: number, time: LatestTime): number;
  /** Whole permits left, never below 0. */
  remaining(cells: Float64Array, at: number, time: LatestTime): number;
  /** Takes more than there is, if need be. */
  charge(cells: Float64Array, at: number, cost: number, time: LatestTime): void;
  /** Gives back, up to full. */
  refund(cells: Float64Array, at: number, cost: number, time: LatestTime): void;
  /** Takes what was refused, from 1 to `limit`. The wait grows to the window at most, or to the longest there is without this. */
  penalize(cells: Float64Array, at: number, cost: number, time: LatestTime): void;
  /** An array that one more call fits into, with the same content, or the same array. Only with arrays of their own. */
  withRoom?(cells: Float64Array | undefined): Float64Array;
}

/** In place of the time at which a key is back to full: it is. */
export const empty: number = -Infinity;
