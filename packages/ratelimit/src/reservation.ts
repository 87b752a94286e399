import {
  CanceledError,
  sleep,
  toContext,
  withCancel,
  type CancelableContext,
  type Clock,
  type Context,
  type WaitOptions,
} from '@patterns/context';
import { checkCancellation } from '@patterns/context/internal';
import { checkPermits } from './check-permits.ts';
import type { Loan, Places } from './meter.ts';
import type { RateLimitError, RateLimitReason } from './rate-limit-error.ts';
import { isDue } from './rounding.ts';

/** Permits that are yours from a moment on. Dropping it without a word keeps them taken. */
export interface Reservation {
  /** From now; 0 when its time has come. */
  readonly delayMs: number;
  /**
   * Resolves when its time has come. Rejects, and cancels the reservation: with the reason when `signal` ends first; at once with a
   * `RateLimitError` (`'deadline'`) when its deadline comes first. Rejects with a `CanceledError` when it is canceled.
   */
  wait(options?: WaitOptions): Promise<void>;
  /**
   * Gives back what is still fair to give: nothing after its time, before or at it its permits less those that later reservations stand on.
   * Once.
   */
  cancel(): void;
  /**
   * The real cost, known afterwards: gives the rest back, or takes more, even into debt, so that later calls wait longer. Once; nothing after
   * {@link cancel}.
   */
  settle(permits: number): void;
}

/** Where a reservation comes from, and its permits go back to. */
export interface ReservationLine {
  readonly clock: Clock;
  now(): number;
  error(reason: RateLimitReason, retryAfterMs: number): RateLimitError;
  /** It was canceled. */
  giveBack(reservation: LineReservation): void;
  /** It turned out to cost `permits`. */
  settle(reservation: LineReservation, permits: number): void;
}

/** In a line, until the meter has lent its permits. */
export class LineReservation implements Reservation {
  readonly atMs: number;
  /** Its place among all that came to the line. */
  readonly ticket: number;
  /** What it will take, as long as {@link loan} is undefined. */
  permits: number;
  loan: Loan | undefined = undefined;
  places: Places | undefined = undefined;

  readonly #line: ReservationLine;
  /** Canceled or settled. */
  #isOver = false;
  #isCanceled = false;
  #waits: Set<CancelableContext> | undefined;

  constructor(line: ReservationLine, permits: number, atMs: number, ticket: number) {
    this.#line = line;
    this.permits = permits;
    this.atMs = atMs;
    this.ticket = ticket;
  }

  get delayMs(): number {
    const nowMs = this.#line.now();
    return isDue(this.atMs, nowMs) ? 0 : this.atMs - nowMs;
  }

  async wait(options?: WaitOptions): Promise<void> {
    const signal = options?.signal;
    checkCancellation(signal, 'signal');
    const caller = toContext(signal);
    const { delayMs } = this;
    if (caller.done || !isDue(delayMs, caller.remaining())) {
      this.cancel();
      caller.throwIfDone();
      throw this.#line.error('deadline', delayMs);
    }
    if (this.#isCanceled) throw new CanceledError('the reservation was canceled');
    if (delayMs > 0) await this.#sleep(delayMs, caller);
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = this.#isCanceled = true;
    this.#line.giveBack(this);
    for (const waiting of this.#waits ?? []) waiting.cancel();
  }

  settle(permits: number): void {
    checkPermits(permits);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#line.settle(this, permits);
  }

  async #sleep(delayMs: number, caller: Context): Promise<void> {
    const waiting = withCancel(caller);
    const waits = (this.#waits ??= new Set());
    waits.add(waiting);
    try {
      await sleep(delayMs, { signal: waiting, clock: this.#line.clock });
    } catch (error) {
      // Of two timers for one moment, that of the deadline may come first.
      if (!this.#isCanceled && this.delayMs === 0) return;
      this.cancel();
      throw error;
    } finally {
      waits.delete(waiting);
      waiting.cancel();
    }
  }
}
