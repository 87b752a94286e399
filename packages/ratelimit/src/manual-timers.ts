import type { Clock } from '@patterns/context';
import { disposeWith } from '@patterns/context/internal';
import { BinaryHeap, type HeapEntry } from '@patterns/structures';
import { isDue } from './rounding.ts';

interface Due {
  readonly atMs: number;
  readonly fn: () => void;
}

/** The clock of something whose timers its owner fires by hand: of as many as there are, the owner needs one timer of its own, for the first. */
export class ManualTimers implements Clock {
  readonly now: () => number;
  readonly #timers = new BinaryHeap<Due>((one, other) => one.atMs - other.atMs);

  constructor(now: () => number) {
    this.now = now;
  }

  /** When the first one is due; `Infinity` if there is none. */
  get firstMs(): number {
    return this.#timers.peek()?.atMs ?? Infinity;
  }

  setTimeout(fn: () => void, ms: number): Disposable {
    return new ManualTimer(this.#timers, this.#timers.push({ atMs: this.now() + ms, fn }));
  }

  /** Fires the first one, if it is due; says whether it was. */
  fireFirst(nowMs: number): boolean {
    if (!isDue(this.firstMs, nowMs)) return false;
    this.#timers.pop()?.fn();
    return true;
  }
}

class ManualTimer implements Disposable {
  declare readonly [Symbol.dispose]: () => void;
  static {
    disposeWith(ManualTimer, 'clear');
  }

  readonly #timers: BinaryHeap<Due>;
  readonly #entry: HeapEntry<Due>;

  constructor(timers: BinaryHeap<Due>, entry: HeapEntry<Due>) {
    this.#timers = timers;
    this.#entry = entry;
  }

  clear(): void {
    this.#timers.delete(this.#entry);
  }
}
