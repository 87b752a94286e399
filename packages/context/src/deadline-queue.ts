import { sharedScope } from './async-scope.ts';
import { clearTimer } from './clear-timer.ts';
import type { Clock } from './clock.ts';
import { systemClock, SystemTimers } from './system-clock.ts';
import { TimeHeap, type TimeHeapItem } from './time-heap.ts';
import type { TimeScope } from './time-scope.ts';

/** What the queue calls when its time has come. */
export interface Deadline extends TimeHeapItem {
  expire(): void;
}

/** A timer this late may be lost. */
const overdueMs = 1_000;

/** Timers this far ahead have been moved by hand, in whole milliseconds: the fractions of the clock are not theirs, and rounded up they would make each deadline in a row later by one. */
const apartMs = 2;

/** By this much times may differ and still be the same: rounding of sums, not time. */
const roundingMs = 1e-6;

/**
 * All deadlines of one clock under one timer, which does not hold the process. The timer stands for the earliest one and is not moved when that leaves: it then comes once for nothing,
 * which is cheaper than moving it each time. It is cleared when the last one leaves.
 */
export class DeadlineQueue implements TimeScope {
  static #ofSystem: DeadlineQueue | undefined;
  static readonly #ofClock = new WeakMap<Clock, DeadlineQueue>();

  /** The clock that users see. */
  readonly clock: Clock;
  /** A context that has this as its scope has a clock, and no deadline. */
  readonly deadlineMs: undefined;
  /** Where time and timers come from: for the system's clock a snapshot, so that faking them does not part the two. */
  readonly #timers: Clock;
  readonly #heap = new TimeHeap<Deadline>();
  #timer: Disposable | undefined;
  /** When the timer is due; `Infinity` while there is none. */
  #armedFor = Infinity;
  /** How far timers are ahead of the clock, where they have been moved without it. Times in the heap include it. */
  #aheadMs = 0;

  private constructor(clock: Clock, timers: Clock) {
    this.clock = clock;
    this.#timers = timers;
  }

  /**
   * Whoever fakes the system's timers gets a queue of their own; deadlines that were there before keep the timer they have.
   * Where timers are faked apart from the clock, each deadline gets one: a timer that `node:test` has armed inside a tick counts from the end of that tick.
   */
  static of(clock: Clock): DeadlineQueue {
    if (clock === systemClock) {
      const timers = SystemTimers.current();
      const latest = DeadlineQueue.#ofSystem;
      if (latest !== undefined && latest.#timers === timers && !timers.areApart) return latest;
      return (DeadlineQueue.#ofSystem = new DeadlineQueue(clock, timers));
    }
    let queue = DeadlineQueue.#ofClock.get(clock);
    if (queue === undefined) DeadlineQueue.#ofClock.set(clock, (queue = new DeadlineQueue(clock, clock)));
    return queue;
  }

  remainingMs(): number {
    return Infinity;
  }

  now(): number {
    return this.#timers.now();
  }

  add(deadline: Deadline, nowMs: number, atMs: number): void {
    const time = atMs + this.#aheadMs;
    this.#heap.push(deadline, time);
    if (time < this.#armedFor || this.#mayBeLost(nowMs)) this.#arm(nowMs);
  }

  delete(deadline: Deadline): void {
    this.#heap.delete(deadline);
    if (this.#heap.size === 0) this.#disarm();
  }

  /** Fake timers are emptied without a word (`jest.clearAllTimers()`), and come back with the same functions after they have been reset. */
  #mayBeLost(nowMs: number): boolean {
    if (this.#timers instanceof SystemTimers && this.#timers.areFake) return true;
    return nowMs + this.#aheadMs - this.#armedFor > overdueMs;
  }

  #arm(nowMs: number): void {
    this.#disarm();
    const time = this.#heap.firstTime;
    const ms = Math.max(0, time - this.#aheadMs - nowMs);
    this.#armedFor = time;
    try {
      // It is everybody's: those whose deadline it happens to be armed for are not to be seen by all others.
      sharedScope.runInAsyncScope(() => {
        const timer = this.#timers.setTimeout(this.#onTimer, this.#aheadMs < apartMs ? ms : Math.round(ms), {
          ref: false,
        });
        // A clock may fire at once, and the next deadline have its timer by now.
        if (this.#armedFor === time) this.#timer = timer;
      });
    } catch (error) {
      this.#armedFor = Infinity;
      throw error;
    }
  }

  #disarm(): void {
    const timer = this.#timer;
    if (timer === undefined) return;
    this.#timer = undefined;
    this.#armedFor = Infinity;
    clearTimer(timer);
  }

  readonly #onTimer = (): void => {
    const armedFor = this.#armedFor;
    // It was cleared, and the clock has failed at that.
    if (armedFor === Infinity) return;
    this.#timer = undefined;
    this.#armedFor = Infinity;
    let now = this.#timers.now() + this.#aheadMs;
    if (now < armedFor) {
      // The clock has promised not to be early, so it is the timers that have been moved: believe them.
      if (armedFor - now > roundingMs) this.#aheadMs += armedFor - now;
      now = armedFor;
    }
    // Callbacks may add and delete.
    while (this.#heap.firstTime <= now) {
      const deadline = this.#heap.first as Deadline;
      this.#heap.delete(deadline);
      deadline.expire();
    }
    if (this.#heap.size > 0 && this.#heap.firstTime < this.#armedFor) this.#arm(this.#timers.now());
  };
}
