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

/** A captured stack costs ten times what a timer does: who makes a hundred thousand in one test makes them all in the same place. */
const STACKS_PER_TEST = 1000;

/** What was made, in order, with the stack of the first ones. Dead entries are swept now and then, so that a million short-lived timers cost no memory. */
export class Ledger {
  readonly #entries = new Set<NumberedEntry>();
  #count = 0;
  #stacksLeft = STACKS_PER_TEST;
  #sweepAt = 1000;

  /** Called where a test begins. @returns the position from which {@link takeLeaksSince} looks */
  begin(): number {
    // A captured stack keeps the receivers of its frames alive, which a test of the garbage collector would notice.
    this.sweep();
    this.#stacksLeft = STACKS_PER_TEST;
    return this.#count;
  }

  /** @param above the function whose caller made it: the stack starts there */
  add({ what, isAlive }: Entry, above: (...args: never) => unknown): void {
    this.#entries.add({
      what,
      isAlive,
      number: ++this.#count,
      holder: this.#stacksLeft-- > 0 ? captureStack(above) : {},
    });
    if (this.#entries.size < this.#sweepAt) return;
    this.sweep();
    this.#sweepAt = Math.max(1000, 2 * this.#entries.size);
  }

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

/** The text of the stack is only made when somebody reads it. */
function captureStack(above: (...args: never) => unknown): { stack?: string } {
  const holder = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 8;
  Error.captureStackTrace(holder, above);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}

/** Of the test file: Jest gives each file its own copy of every module. */
export const ledger: Ledger = new Ledger();
