import { systemClock, type Clock } from '@patterns/context';
import { checkClock, checkText, checkType, shown } from '@patterns/context/internal';
import { arithmeticOf } from './arithmetic-of.ts';
import { checkRange, checkWhole } from './check-option.ts';
import { checkPermits } from './check-permits.ts';
import type { Decision } from './decision.ts';
import { decisionChannel, evictedChannel } from './diagnostics.ts';
import { empty, type KeyArithmetic } from './key-arithmetic.ts';
import { KeyTable, none } from './key-table.ts';
import { LatestTime } from './latest-time.ts';
import type { LimitStore } from './limit-store.ts';
import type { RateAlgorithm } from './rate-algorithm.ts';
import { isDue } from './rounding.ts';

export interface KeyedRateLimiterOptions {
  /** Names the instance in events. */
  readonly name?: string | undefined;
  /** A function gives a key its own limit. It is asked on each call; a key whose `kind` of algorithm changes starts full. */
  readonly algorithm: RateAlgorithm | ((key: string) => RateAlgorithm);
  /**
   * At the bound, of the 8 least recently used keys one that is back to full goes (forgetting it changes nothing), else the least recently used.
   * From 16 keys up, a key at its limit that is asked again within `maxKeys / 2` other keys is never forgotten. From 1 to 16 777 215.
   * @defaultValue 100_000
   */
  readonly maxKeys?: number | undefined;
  /**
   * Refused calls take their cost too, so that whoever keeps asking stays refused; `retryAfterMs` grows to the window at most. A fixed window
   * begins anew.
   * @defaultValue false
   */
  readonly countDenied?: boolean | undefined;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
}

const longestKey = 1_024;
/** As many as a `Map` holds. */
const mostKeys = 2 ** 24 - 1;

/**
 * A limit per key: per user, address, tenant ... Bounded, one number per key where the algorithm allows it, no timer. Nothing waits here; for
 * waiting there are the limiters of one limit.
 *
 * Each key has the bound of the algorithm for as long as it is remembered. Costs are whole numbers from 0. A clock that steps back accrues
 * nothing until it has caught up. Every operation is O(1), but that the log of `slidingLog` takes as many steps as calls leave it.
 *
 * Every method throws a `RangeError` for a key over 1 024 UTF-16 units and for a cost that is no whole number from 0, a `TypeError` for a key that
 * is no string, and what the function for `algorithm` throws; nothing has changed then.
 *
 * @example
 * ```ts
 * const users = new KeyedRateLimiter({ algorithm: gcra({ limit: 100, windowMs: 60_000 }) });
 * const { allowed, retryAfterMs } = users.check('ann');
 * ```
 */
export class KeyedRateLimiter implements LimitStore {
  readonly name: string | undefined;
  readonly #algorithmOf: ((key: string) => RateAlgorithm) | undefined;
  readonly #countDenied: boolean;
  readonly #time: LatestTime;
  readonly #table: KeyTable;
  /** That of all keys; of the last one where a function gives it, as most have the same. */
  #arithmetic: KeyArithmetic | undefined;
  #algorithm: RateAlgorithm | undefined;
  /** How many keys, not back to full, had been forgotten when it was last told of. */
  #lostTold = 0;

  /**
   * @throws {RangeError} for an option out of range
   * @throws {TypeError} for one of the wrong type
   */
  constructor({
    name,
    algorithm,
    maxKeys = 100_000,
    countDenied = false,
    clock = systemClock,
  }: KeyedRateLimiterOptions) {
    checkText('name', name);
    checkWhole('maxKeys', maxKeys, 1, mostKeys);
    checkClock(clock);
    checkType('countDenied', countDenied, typeof countDenied === 'boolean', 'a boolean');
    if (typeof algorithm === 'function') this.#algorithmOf = algorithm;
    else this.#arithmetic = arithmeticOf(algorithm);
    this.name = name;
    this.#countDenied = countDenied;
    this.#time = new LatestTime(clock);
    this.#table = new KeyTable(maxKeys, this.#arithmetic);
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#table.size;
  }

  /** Takes `cost` (default 1) and says how it went. A cost above the limit is refused with `retryAfterMs: Infinity`. */
  check(key: string, cost: number = 1): Decision {
    const arithmetic = this.#begin(key, cost);
    return this.#answer(key, cost, arithmetic, this.#table.find(key));
  }

  /** {@link check} without the allocation. */
  tryAcquire(key: string, cost: number = 1): boolean {
    const arithmetic = this.#begin(key, cost);
    const table = this.#table;
    const slot = table.find(key);
    if (slot === none || this.#countDenied || decisionChannel.hasSubscribers) {
      return this.#answer(key, cost, arithmetic, slot).allowed;
    }
    if (cost > arithmetic.limit || table.isBlocked(slot, this.#time)) return false;
    return arithmetic.tryTake(table.cellsOf(slot, arithmetic), table.indexOf(slot, arithmetic), cost, this.#time);
  }

  /** What {@link check} would say; takes nothing. Counts as use of the key all the same: who only ever peeks keeps its state. */
  peek(key: string, cost: number = 1): Decision {
    const arithmetic = this.#begin(key, cost);
    const slot = this.#table.find(key);
    const cells = this.#table.cellsOf(slot, arithmetic);
    const at = this.#table.indexOf(slot, arithmetic);
    // The answer of check, given by a copy.
    return this.#decide(
      arithmetic,
      cells.slice(at, arithmetic.width === 0 ? undefined : at + arithmetic.width),
      0,
      slot,
      cost,
    );
  }

  /**
   * Takes `cost` (default 1) even below zero: what is owed must first come back with time. Windows and logs forget it with their window.
   * No answer, so nothing is published.
   */
  charge(key: string, cost: number = 1): void {
    const arithmetic = this.#begin(key, cost);
    if (cost === 0) return;
    const slot = this.#findOrAdd(key);
    const cells = this.#table.cellsOf(slot, arithmetic);
    arithmetic.charge(cells, this.#table.indexOf(slot, arithmetic), cost, this.#time);
    this.#tellLost();
  }

  /** Gives back `cost` (default 1), at most up to full. */
  refund(key: string, cost: number = 1): void {
    const arithmetic = this.#begin(key, cost);
    const slot = this.#table.find(key);
    if (slot === none) return;
    const cells = this.#table.cellsOf(slot, arithmetic);
    arithmetic.refund(cells, this.#table.indexOf(slot, arithmetic), cost, this.#time);
  }

  /** The real cost, known afterwards: {@link charge} or {@link refund} of the difference. */
  settle(key: string, reserved: number, actual: number): void {
    checkPermits(reserved, 'cost');
    checkPermits(actual, 'cost');
    if (actual < reserved) this.refund(key, reserved - actual);
    else this.charge(key, actual - reserved);
  }

  /**
   * Refuses the key for `durationMs`, whatever its state. A longer block stays; 0 ends it.
   *
   * @throws {RangeError} for a negative duration and for NaN; `Infinity` is for ever
   */
  block(key: string, durationMs: number): void {
    checkKey(key);
    checkRange('durationMs', durationMs, 0);
    this.#time.advance();
    const slot = durationMs > 0 ? this.#findOrAdd(key) : this.#table.find(key);
    this.#table.block(slot, durationMs > 0 ? this.#time.nowMs + durationMs : empty);
    this.#tellLost();
  }

  /** Forgets state and block: the key is full again. */
  reset(key: string): void {
    checkKey(key);
    this.#table.delete(key);
  }

  /** Everything that may throw or use the limiter: before anything is looked up. */
  #begin(key: string, cost: number): KeyArithmetic {
    checkKey(key);
    checkPermits(cost, 'cost');
    const arithmetic = this.#algorithmOf === undefined ? this.#arithmetic : this.#arithmeticFor(this.#algorithmOf(key));
    this.#time.advance();
    return arithmetic as KeyArithmetic;
  }

  #arithmeticFor(algorithm: RateAlgorithm): KeyArithmetic {
    if (algorithm === this.#algorithm) return this.#arithmetic as KeyArithmetic;
    const arithmetic = arithmeticOf(algorithm);
    this.#algorithm = algorithm;
    this.#arithmetic = arithmetic;
    return arithmetic;
  }

  #findOrAdd(key: string): number {
    const slot = this.#table.find(key);
    return slot === none ? this.#table.add(key, this.#time.nowMs) : slot;
  }

  #answer(key: string, cost: number, arithmetic: KeyArithmetic, found: number): Decision {
    // A key that nothing will be taken from is not remembered for it: the slot of none has the numbers of a key that is full.
    const takes = cost > 0 && (cost <= arithmetic.limit || (this.#countDenied && arithmetic.limit > 0));
    const slot = found === none && takes ? this.#table.add(key, this.#time.nowMs) : found;
    const cells = this.#table.cellsOf(slot, arithmetic);
    const decision = this.#decide(arithmetic, cells, this.#table.indexOf(slot, arithmetic), slot, cost);
    this.#tellLost();
    if (decisionChannel.hasSubscribers) {
      const { allowed, retryAfterMs } = decision;
      decisionChannel.publish({ name: this.name, key, permits: cost, allowed, retryAfterMs });
    }
    return decision;
  }

  #decide(arithmetic: KeyArithmetic, cells: Float64Array, at: number, slot: number, cost: number): Decision {
    const time = this.#time;
    const { limit, policy } = arithmetic;
    const isBlocked = this.#table.isBlocked(slot, time);
    const allowed = !isBlocked && cost <= limit && arithmetic.tryTake(cells, at, cost, time);
    if (!allowed && this.#countDenied) {
      const counted = Math.min(cost, limit);
      if (counted > 0) arithmetic.penalize(cells, at, counted, time);
    }
    const availableAtMs = allowed
      ? time.nowMs
      : cost > limit
        ? Infinity
        : arithmetic.availableAt(cells, at, cost, time);
    const remaining = isBlocked ? 0 : arithmetic.remaining(cells, at, time);
    // After the others, which bring it up to date.
    const fullAtMs = cells[at] as number;
    const blockedUntilMs = this.#table.blockedUntil(slot);
    return {
      allowed,
      limit,
      remaining,
      retryAfterMs: allowed ? 0 : Math.max(availableAtMs, blockedUntilMs) - time.nowMs,
      resetMs: remainingMs(Math.max(fullAtMs, blockedUntilMs), time.nowMs),
      policy,
    };
  }

  #tellLost(): void {
    const { lost } = this.#table;
    if (lost === this.#lostTold) return;
    this.#lostTold = lost;
    if (evictedChannel.hasSubscribers) evictedChannel.publish({ name: this.name, size: this.#table.size });
  }
}

function remainingMs(untilMs: number, nowMs: number): number {
  return isDue(untilMs, nowMs) ? 0 : untilMs - nowMs;
}

function checkKey(key: string): void {
  const given: unknown = key;
  if (typeof given !== 'string') throw new TypeError(`key must be a string, got ${shown(given)}`);
  if (given.length > longestKey) {
    throw new RangeError(`key must have at most ${longestKey} UTF-16 units, got ${given.length}`);
  }
}
