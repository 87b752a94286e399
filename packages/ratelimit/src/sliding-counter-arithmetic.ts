import { empty, type KeyArithmetic } from './key-arithmetic.ts';
import type { LatestTime } from './latest-time.ts';
import { isDue, wholePermits } from './rounding.ts';
import { WindowArithmetic } from './window-arithmetic.ts';

/**
 * Three numbers: when the key is back to full, what was taken in the window before, and what in this one. Windows lie at multiples of their length.
 * Which of them it is follows from the first number: full comes with the end of the next window if there is something in this one, with the
 * end of this one if there is something in the one before.
 */
export class SlidingCounterArithmetic extends WindowArithmetic implements KeyArithmetic {
  readonly width: number = 3;

  tryTake(cells: Float64Array, at: number, cost: number, time: LatestTime): boolean {
    // By its share it may be short of the limit by what the numbers of the clock round; the moment that was said is what counts.
    if (!isDue(this.availableAt(cells, at, cost, time), time.nowMs)) return false;
    this.#add(cells, at, cost, time);
    return true;
  }

  availableAt(cells: Float64Array, at: number, cost: number, time: LatestTime): number {
    if (this.#estimate(cells, at, time) + cost <= this.limit + 1e-9) return time.nowMs;
    const endMs = this.#endOf(time);
    const previous = cells[at + 1] as number;
    const current = cells[at + 2] as number;
    const room = this.limit - cost;
    // Once enough of the window before has left this one; or else, later, enough of this one the next.
    if (current <= room) return endMs - ((room - current) / previous) * this.windowMs;
    return endMs + (1 - room / current) * this.windowMs;
  }

  remaining(cells: Float64Array, at: number, time: LatestTime): number {
    const whole = wholePermits(this.limit - this.#estimate(cells, at, time));
    // One more, if it is said to be there now.
    return whole < this.limit && isDue(this.availableAt(cells, at, whole + 1, time), time.nowMs) ? whole + 1 : whole;
  }

  charge(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    this.#roll(cells, at, time);
    this.#add(cells, at, cost, time);
  }

  /** Of this window first: that is what was taken last. */
  refund(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    this.#roll(cells, at, time);
    const current = (cells[at + 2] as number) - cost;
    cells[at + 2] = Math.max(0, current);
    if (current > 0) return;
    const previous = Math.max(0, (cells[at + 1] as number) + current);
    cells[at + 1] = previous;
    cells[at] = previous > 0 ? this.#endOf(time) : empty;
  }

  penalize(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    this.#roll(cells, at, time);
    const current = cells[at + 2] as number;
    const grown = Math.min(current + cost, this.limit);
    if (grown > current) this.#add(cells, at, grown - current, time);
  }

  #add(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    if (cost === 0) return;
    cells[at + 2] = (cells[at + 2] as number) + cost;
    cells[at] = this.#endOf(time) + this.windowMs;
  }

  #estimate(cells: Float64Array, at: number, time: LatestTime): number {
    this.#roll(cells, at, time);
    const previous = cells[at + 1] as number;
    const current = cells[at + 2] as number;
    if (previous === 0) return current;
    const share = (this.#endOf(time) - time.nowMs) / this.windowMs;
    return previous * (share < 1 ? share : 1) + current;
  }

  /** Brings the numbers into the window of this moment. */
  #roll(cells: Float64Array, at: number, time: LatestTime): void {
    const fullAtMs = cells[at] as number;
    if (fullAtMs === empty) return;
    if (isDue(fullAtMs, time.nowMs)) {
      cells.fill(0, at + 1, at + 3);
      cells[at] = empty;
    } else if ((cells[at + 2] as number) > 0 && isDue(fullAtMs - this.windowMs, time.nowMs)) {
      cells[at + 1] = cells[at + 2] as number;
      cells[at + 2] = 0;
    }
  }

  /** Of the window of this moment. One that ends within the error of rounding has ended. */
  #endOf({ nowMs }: LatestTime): number {
    const endMs = (Math.floor(nowMs / this.windowMs) + 1) * this.windowMs;
    return isDue(endMs, nowMs) ? endMs + this.windowMs : endMs;
  }
}
