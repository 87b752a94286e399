import { DeadlineExceededError, type WaitOptions } from '@patterns/context';
import { WaitQueue } from '@patterns/structures';

/** A deadline that has passed, though its timer has not come yet. */
export function passedDeadline(): DeadlineExceededError {
  return new DeadlineExceededError();
}

/** Who waits until fewer tasks do, or none is left. */
export class OccupancyWaits {
  readonly #idle = new WaitQueue<void>({ refuse: passedDeadline, timed: false });
  /** By how many tasks may be waiting: nearly always one number. */
  readonly #below = new Map<number, WaitQueue<void>>();

  get isAwaited(): boolean {
    return this.#idle.size > 0 || this.#below.size > 0;
  }

  untilIdle(isIdle: boolean, options?: WaitOptions): Promise<void> {
    return wait(this.#idle, isIdle, options);
  }

  untilBelow(n: number, size: number, options?: WaitOptions): Promise<void> {
    let queue = this.#below.get(n);
    if (queue === undefined) {
      queue = new WaitQueue<void>({
        refuse: passedDeadline,
        timed: false,
        onHeadLeft: () => {
          this.#forgetIfEmpty(n);
        },
      });
      this.#below.set(n, queue);
    }
    const waiting = wait(queue, size < n, options);
    this.#forgetIfEmpty(n);
    return waiting;
  }

  changed(size: number, active: number): void {
    if (size === 0 && active === 0) {
      while (this.#idle.serve());
    }
    if (this.#below.size === 0) return;
    for (const [n, queue] of this.#below) {
      if (size >= n) continue;
      this.#below.delete(n);
      while (queue.serve());
    }
  }

  #forgetIfEmpty(n: number): void {
    if (this.#below.get(n)?.size === 0) this.#below.delete(n);
  }
}

/** Also where there is nothing to wait for, a signal that has ended, or is none, is told. */
function wait(queue: WaitQueue<void>, isOver: boolean, options?: WaitOptions): Promise<void> {
  const waiting = queue.wait(undefined, options);
  if (isOver) queue.serveLast();
  return waiting;
}
