import { empty, type KeyArithmetic } from './key-arithmetic.ts';
import type { LatestTime } from './latest-time.ts';
import { isDue } from './rounding.ts';
import { WindowArithmetic } from './window-arithmetic.ts';

/** Two numbers: the end of the window, and what has been taken in it. A window in which nothing is taken is not open. */
export class FixedWindowArithmetic extends WindowArithmetic implements KeyArithmetic {
  readonly width: number = 2;

  tryTake(cells: Float64Array, at: number, cost: number, time: LatestTime): boolean {
    if (this.#taken(cells, at, time) + cost > this.limit) return false;
    this.charge(cells, at, cost, time);
    return true;
  }

  availableAt(cells: Float64Array, at: number, cost: number, time: LatestTime): number {
    return this.#taken(cells, at, time) + cost > this.limit ? (cells[at] as number) : time.nowMs;
  }

  remaining(cells: Float64Array, at: number, time: LatestTime): number {
    return Math.max(0, this.limit - this.#taken(cells, at, time));
  }

  charge(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    if (cost === 0) return;
    const taken = this.#taken(cells, at, time);
    if (taken === 0) cells[at] = time.nowMs + this.windowMs;
    cells[at + 1] = taken + cost;
  }

  refund(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    const taken = Math.max(0, this.#taken(cells, at, time) - cost);
    cells[at + 1] = taken;
    if (taken === 0) cells[at] = empty;
  }

  /** Begins the window anew: what is counted beyond the limit would be forgotten with it, and whoever keeps asking would get through. */
  penalize(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    const taken = this.#taken(cells, at, time);
    cells[at] = time.nowMs + this.windowMs;
    cells[at + 1] = Math.max(taken, Math.min(taken + cost, this.limit));
  }

  #taken(cells: Float64Array, at: number, { nowMs }: LatestTime): number {
    return isDue(cells[at] as number, nowMs) ? 0 : (cells[at + 1] as number);
  }
}
