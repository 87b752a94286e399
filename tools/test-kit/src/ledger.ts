import { type Origin, originOf } from './origin.ts';

/** Something that was made and has to be gone in the end. */
export interface Entry {
  /** For the message: 'setTimeout of 50 ms'. */
  readonly what: string;
  /** Asked as often as needed, without side effects. */
  readonly isAlive: () => boolean;
}

export interface Leak extends Origin {
  readonly what: string;
}

interface NumberedEntry extends Entry {
  readonly number: number;
  readonly holder: { stack?: string };
}

/** What was made, in order, with the stack of each. Dead entries are swept now and then, so that a million short-lived timers cost no memory. */
export class Ledger {
  #entries = new Set<NumberedEntry>();
  #count = 0;
  #sweepAt = 1000;

  /** The position from which {@link takeLeaksSince} looks. */
  get mark(): number {
    return this.#count;
  }

  /** @param above the function whose caller made it: the stack starts there */
  add(entry: Entry, above: (...args: never) => unknown): void {
    const holder = {};
    // The text is only made for what is reported; capturing a few frames costs about a microsecond.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 8;
    Error.captureStackTrace(holder, above);
    Error.stackTraceLimit = stackTraceLimit;
    this.#entries.add({ ...entry, holder, number: ++this.#count });
    if (this.#entries.size < this.#sweepAt) return;
    this.sweep();
    this.#sweepAt = Math.max(1000, 2 * this.#entries.size);
  }

  /** A captured stack keeps the receivers of its frames alive: tests that watch the garbage collector want dead entries gone. */
  sweep(): void {
    for (const entry of this.#entries) {
      if (!entry.isAlive()) this.#entries.delete(entry);
    }
  }

  /** What was made after `mark` and is still there. Each leak is told once. */
  takeLeaksSince(mark: number): Leak[] {
    this.sweep();
    const found = [...this.#entries].filter(({ number }) => number > mark);
    for (const entry of found) this.#entries.delete(entry);
    return found.map(({ what, holder }) => ({ what, ...originOf(holder.stack ?? '') }));
  }
}

/** Of the test file: Jest gives each file its own copy of every module. */
export const ledger: Ledger = new Ledger();
