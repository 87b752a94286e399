import type { WaitOptions } from '@patterns/context';
import { JoinedError } from '@patterns/errors';
import { WaitQueue } from '@patterns/structures';
import { passedDeadline } from './occupancy-waits.ts';
import type { TaskObserver } from './task-spec.ts';

/** How many errors are kept for whoever asks. */
const mostErrors = 100;

/** Tasks that nobody holds a promise of: how many there are, and what they have failed with since somebody asked. */
export class GoTasks implements TaskObserver {
  #pending = 0;
  #errors: unknown[] = [];
  readonly #waiting = new WaitQueue<readonly unknown[]>({ refuse: passedDeadline, timed: false });

  begin(): void {
    this.#pending++;
  }

  settled(ok: boolean, result: unknown): void {
    if (!ok && this.#errors.length < mostErrors) this.#errors.push(result);
  }

  ended(): void {
    if (--this.#pending > 0 || this.#waiting.size === 0) return;
    const errors = this.#takeErrors();
    while (this.#waiting.serve(errors));
  }

  async wait(options?: WaitOptions): Promise<void> {
    const waiting = this.#waiting.wait(undefined, options);
    if (this.#pending === 0 && this.#waiting.size > 0) this.#waiting.serveLast(this.#takeErrors());
    throwAll(await waiting);
  }

  #takeErrors(): readonly unknown[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  // The first error may be anything, `undefined` too.
  if (errors.length === 1) throw errors[0];
  throw new JoinedError(errors);
}
