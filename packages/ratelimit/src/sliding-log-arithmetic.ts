import { empty, type KeyArithmetic } from './key-arithmetic.ts';
import type { LatestTime } from './latest-time.ts';
import { isDue } from './rounding.ts';
import { WindowArithmetic } from './window-arithmetic.ts';

// After the time at which the key is back to full: permits in the log, calls in the log, and where the oldest of these is. Then a ring of calls.
const total = 1;
const count = 2;
const first = 3;
const header = 4;
const smallest = 4;

/**
 * An array per key: when each call came, and what it took, oldest first. Calls at the same moment are one, so that what a call costs is
 * independent of how much it takes. No more than `limit + 1` calls are kept: they hold more permits than the limit, and as long as these are in
 * the window it makes no difference when the calls before came. The oldest counts as of the next one then, and so leaves later, never earlier:
 * what is owed has to be known once something is given back, or the limit grows.
 */
export class SlidingLogArithmetic extends WindowArithmetic implements KeyArithmetic {
  readonly width: number = 0;

  tryTake(log: Float64Array, _at: number, cost: number, time: LatestTime): boolean {
    this.#expire(log, time);
    if ((log[total] as number) + cost > this.limit) return false;
    this.#append(log, cost, time);
    return true;
  }

  availableAt(log: Float64Array, _at: number, cost: number, time: LatestTime): number {
    this.#expire(log, time);
    let excess = (log[total] as number) + cost - this.limit;
    if (excess <= 0) return time.nowMs;
    for (let n = 0; ; n++) {
      const entry = entryAt(log, n);
      excess -= log[entry + 1] as number;
      if (excess <= 0) return (log[entry] as number) + this.windowMs;
    }
  }

  remaining(log: Float64Array, _at: number, time: LatestTime): number {
    this.#expire(log, time);
    return Math.max(0, this.limit - (log[total] as number));
  }

  charge(log: Float64Array, _at: number, cost: number, time: LatestTime): void {
    this.#expire(log, time);
    this.#append(log, cost, time);
  }

  /** The newest first: that is what was taken last. */
  refund(log: Float64Array, _at: number, cost: number, time: LatestTime): void {
    this.#expire(log, time);
    let left = Math.min(cost, log[total] as number);
    log[total] = (log[total] as number) - left;
    while (left > 0) {
      const newest = entryAt(log, (log[count] as number) - 1) + 1;
      const permits = log[newest] as number;
      log[newest] = permits - left;
      if (permits <= left) log[count] = (log[count] as number) - 1;
      left -= Math.min(left, permits);
    }
    this.#setFullAt(log);
  }

  /** The oldest make room for it: what is owed grows up to the limit only, but is counted from now. */
  penalize(log: Float64Array, _at: number, cost: number, time: LatestTime): void {
    this.#expire(log, time);
    let excess = Math.min(cost, (log[total] as number) + cost - this.limit);
    while (excess > 0) excess -= dropOldest(log, excess);
    this.#append(log, cost, time);
  }

  withRoom(log: Float64Array | undefined): Float64Array {
    const used = log === undefined ? 0 : (log[count] as number);
    const capacity = log === undefined ? 0 : capacityOf(log);
    if (log !== undefined && (used < capacity || capacity > this.limit)) return log;
    const grown = new Float64Array(header + 2 * Math.min(Math.max(capacity * 2, smallest), this.limit + 1));
    grown[0] = empty;
    if (log === undefined) return grown;
    grown.set(log.subarray(0, header));
    grown[first] = 0;
    for (let n = 0; n < used; n++) {
      const entry = entryAt(log, n);
      grown.set(log.subarray(entry, entry + 2), header + 2 * n);
    }
    return grown;
  }

  #append(log: Float64Array, permits: number, { nowMs }: LatestTime): void {
    if (permits === 0) return;
    const used = log[count] as number;
    const newest = entryAt(log, used - 1);
    if (used > 0 && log[newest] === nowMs) {
      log[newest + 1] = (log[newest + 1] as number) + permits;
    } else {
      const joined = used === capacityOf(log) ? dropOldest(log, Infinity) : 0;
      const entry = entryAt(log, log[count] as number);
      log[entry] = nowMs;
      log[entry + 1] = permits;
      log[count] = (log[count] as number) + 1;
      if (joined > 0) chargeOldest(log, joined);
    }
    log[total] = (log[total] as number) + permits;
    this.#setFullAt(log);
  }

  /** An entry aged exactly the window is out. Amortized O(1): each leaves once. */
  #expire(log: Float64Array, { nowMs }: LatestTime): void {
    while ((log[count] as number) > 0 && isDue((log[entryAt(log, 0)] as number) + this.windowMs, nowMs)) {
      dropOldest(log, Infinity);
    }
  }

  #setFullAt(log: Float64Array): void {
    const used = log[count] as number;
    log[0] = used === 0 ? empty : (log[entryAt(log, used - 1)] as number) + this.windowMs;
  }
}

function capacityOf(log: Float64Array): number {
  return (log.length - header) / 2;
}

/** Where the nth oldest is. */
function entryAt(log: Float64Array, n: number): number {
  return header + 2 * (((log[first] as number) + n) % capacityOf(log));
}

/** Permits of the oldest call, at most so many, and says how many; the call leaves with its last permit. */
function dropOldest(log: Float64Array, most: number): number {
  const oldest = entryAt(log, 0) + 1;
  const permits = log[oldest] as number;
  const dropped = Math.min(permits, most);
  log[total] = (log[total] as number) - dropped;
  log[oldest] = permits - dropped;
  if (dropped === permits) {
    log[first] = ((log[first] as number) + 1) % capacityOf(log);
    log[count] = (log[count] as number) - 1;
  }
  return dropped;
}

function chargeOldest(log: Float64Array, permits: number): void {
  const oldest = entryAt(log, 0) + 1;
  log[oldest] = (log[oldest] as number) + permits;
  log[total] = (log[total] as number) + permits;
}
