import type { Clock } from '@patterns/context';
import type { Decision } from './decision.ts';
import type { QuotaPolicy } from './quota-policy.ts';
import { isDue, wholePermits } from './rounding.ts';

/** Permits that were lent for a later time. Each may be asked once. */
export interface Loan {
  /** Until its time: what later loans do not stand on. */
  giveBack(permits: number, nowMs: number): void;
  /** After its time: they were not used after all. */
  refund(permits: number, nowMs: number): void;
  /** More were used than lent. */
  charge(permits: number, nowMs: number): void;
}

/** Permits that somebody will use at a time that he was told. */
export interface Promised {
  readonly permits: number;
  readonly atMs: number;
}

/** In the lines of several limits, of somebody who is kept outside. */
export type Places = ReadonlyMap<object, number>;

/** Of those who stand in line for several limits, as each of these sees it. */
export interface JoinedLine {
  /** Who can, or whose time has come by then, takes permits. */
  catchUp(clock: Clock, clockMs: number): void;
  /** What was reserved and not taken so far, unless it is behind who asks; by the clock of a limit, of which it is now. */
  outside(asker: Meter | undefined, nowMs: number): Promised[];
}

/**
 * How much has been taken, and so what is left: the state of one algorithm, which knows nothing of those who wait. Times are those of its
 * clock; callers pass what {@link advance} returned, or a later time.
 */
export abstract class Meter {
  /** The latest time it has seen: the clock may step back, this does not. */
  latestMs: number = -Infinity;

  /**
   * Taking for a later time leaves a debt, which whoever comes later has to wait out: a bucket. Otherwise it can only go forward: what is
   * taken for a later time has to be kept outside until then.
   */
  abstract readonly lends: boolean;
  /** The most that can be had at once. */
  abstract readonly limit: number;
  abstract readonly quota: QuotaPolicy;
  abstract readonly ratePerSecond: number;

  /** {@link lends} for any later time, as it keeps that in other lines until then. */
  get lendsAhead(): boolean {
    return false;
  }

  /** Whether nothing is counted, as there is no limit: what took nothing gives nothing back, also when there is a limit by then. */
  get isFree(): boolean {
    return false;
  }

  /** The first moment from now on at which so many can be taken, at most `limit` of them; `Infinity` if nothing brings them back. */
  abstract availableAt(permits: number, nowMs: number): number;
  /** At the time that {@link availableAt} said, or a later one. */
  abstract take(permits: number, atMs: number): void;
  /** Undoes a {@link take} or {@link tryTake} that nothing has followed. */
  abstract untake(permits: number): void;
  /** Of `lent` permits taken for `atMs`, which is not over. */
  abstract giveBack(permits: number, atMs: number, nowMs: number, lent: number): void;
  /** Of `lent` permits taken for `atMs`, which is over. */
  abstract refund(permits: number, atMs: number, nowMs: number, lent: number): void;
  /** Takes more than there is, if need be. */
  abstract charge(permits: number, nowMs: number): void;
  /** Permits left, if `taking` were taken now. */
  abstract remaining(taking: number, nowMs: number): number;
  /** When everything is available again, if `taking` were taken now. */
  abstract resetAt(taking: number, nowMs: number): number;
  /** With the same permits left, to try out what would follow. Nothing is given back to it. */
  abstract copy(): Meter;

  /** When so many more find room; only a leaky bucket has a bound of its own. */
  roomAt(_permits: number, nowMs: number): number {
    return nowMs;
  }

  /** Time goes on, never back. */
  advance(clockMs: number): number {
    if (clockMs > this.latestMs) this.latestMs = clockMs;
    return this.latestMs;
  }

  /** Now or not at all. Takes the clock, not the time: a number that is passed on may have to be allocated. */
  tryTake(permits: number, clock: Clock): boolean {
    this.advance(clock.now());
    return this.tryTakeNow(permits);
  }

  /** At {@link latestMs}. */
  protected tryTakeNow(permits: number): boolean {
    if (permits > this.limit) return false;
    const nowMs = this.latestMs;
    if (!isDue(this.availableAt(permits, nowMs), nowMs)) return false;
    this.take(permits, nowMs);
    return true;
  }

  /** Of what is {@link remaining}: one more if it is said to be there now, where the numbers of the clock are too coarse to tell. */
  protected wholeLeft(left: number, taking: number, nowMs: number): number {
    const whole = wholePermits(left);
    // More than half a permit short is no rounding error.
    if (left < whole + 0.5) return whole;
    const more = taking + whole + 1;
    return more <= this.limit && isDue(this.availableAt(more, nowMs), nowMs) ? whole + 1 : whole;
  }

  /** What else there is to say about what it decided. */
  explain(decision: Decision, _permits: number): Decision {
    return decision;
  }

  /** To be told when something else than time and its own methods makes permits available, sooner or later. */
  watch(_listener: () => void): void {
    // Nothing else does.
  }

  unwatch(_listener: () => void): void {
    // See watch.
  }

  /** Whether those who wait for the other one come before. */
  isBehind(_other: Meter): boolean {
    return false;
  }

  /** For a line that keeps outside what is taken for a later time: whoever looks, before time goes on, or takes something, is to ask it. */
  join(_line: JoinedLine): Places | undefined {
    // There is no other way to it than by that line.
    return undefined;
  }

  leave(_line: JoinedLine): void {
    // See join.
  }

  /** Less is kept outside than others have reckoned with. */
  released(): void {
    // See join.
  }

  lend(permits: number, atMs: number, _places?: Places): Loan {
    this.take(permits, atMs);
    return this.isFree ? new FreeLoan(this) : new MeterLoan(this, permits, atMs);
  }
}

class MeterLoan implements Loan {
  readonly #meter: Meter;
  readonly #lent: number;
  readonly #atMs: number;

  constructor(meter: Meter, lent: number, atMs: number) {
    this.#meter = meter;
    this.#lent = lent;
    this.#atMs = atMs;
  }

  giveBack(permits: number, nowMs: number): void {
    this.#meter.giveBack(permits, this.#atMs, nowMs, this.#lent);
  }

  refund(permits: number, nowMs: number): void {
    this.#meter.refund(permits, this.#atMs, nowMs, this.#lent);
  }

  charge(permits: number, nowMs: number): void {
    this.#meter.charge(permits, nowMs);
  }
}

class FreeLoan implements Loan {
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  giveBack(): void {
    // Nothing was taken.
  }

  refund(): void {
    // Nothing was taken.
  }

  charge(permits: number, nowMs: number): void {
    this.#meter.charge(permits, nowMs);
  }
}
