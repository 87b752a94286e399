import type { Clock } from '@patterns/context';
import { clearTimer } from '@patterns/context/internal';
import { stalledChannel } from './diagnostics.ts';

export interface Stall {
  readonly name: string | undefined;
  readonly active: number;
  readonly queued: number;
}

/**
 * Tells, once, when tasks wait and none has settled for long. One timer, which is not moved at each task that settles: when it comes it sees how
 * much is left. It does not hold the process, and there is none while nobody listens.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #warningMs: number;
  readonly #describe: () => Stall;
  #timer: Disposable | undefined = undefined;
  /** The last time something settled, or the waiting began. */
  #sinceMs = 0;
  #isTold = false;
  #isBlocked = false;

  constructor(clock: Clock, warningMs: number, describe: () => Stall) {
    this.#clock = clock;
    this.#warningMs = warningMs;
    this.#describe = describe;
  }

  /** Tasks wait for slots that are all taken. Called as often as one likes while that is so. */
  blocked(): void {
    this.#isBlocked = true;
    if (this.#timer !== undefined || this.#isTold) return;
    if (this.#warningMs === Infinity || !stalledChannel.hasSubscribers) return;
    this.#sinceMs = this.#clock.now();
    this.#arm(this.#warningMs);
  }

  settled(nowMs: number): void {
    this.#sinceMs = nowMs;
    if (!this.#isTold) return;
    this.#isTold = false;
    // It may have settled without giving its slot back, so that nothing else happens.
    if (this.#isBlocked) this.blocked();
  }

  /** Nothing waits, or what waits may start. */
  flowing(): void {
    this.#isBlocked = false;
    if (this.#timer !== undefined) clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(this.#check, ms, { ref: false });
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    const stalledMs = this.#clock.now() - this.#sinceMs;
    if (stalledMs < this.#warningMs) {
      this.#arm(this.#warningMs - stalledMs);
      return;
    }
    this.#isTold = true;
    if (stalledChannel.hasSubscribers) stalledChannel.publish({ ...this.#describe(), stalledMs });
  };
}
