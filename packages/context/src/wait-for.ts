import { CancellationListener } from './cancellation-listener.ts';
import { toParent } from './to-context.ts';
import type { TreeContext } from './tree-context.ts';
import type { WaitOptions } from './wait-options.ts';

/** The promise's outcome, unless `signal` ends first. A late rejection is never an unhandled one. */
export function waitFor<T>(promise: PromiseLike<T>, options?: WaitOptions): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // Makes a promise of a thenable, whose `then` may do anything.
    const outcome = Promise.resolve(promise);
    outcome.catch(ignore);
    const context = toParent(options?.signal, 'signal');
    context.throwIfDone();
    const waiter = new Waiter(context, reject);
    waiter.listenTo(context);
    outcome.then(
      (value) => {
        waiter.stopListening();
        resolve(value);
      },
      (error: unknown) => {
        waiter.fail(error);
      },
    );
  });
}

class Waiter extends CancellationListener {
  readonly #context: TreeContext;
  readonly #reject: (reason: unknown) => void;

  constructor(context: TreeContext, reject: (reason: unknown) => void) {
    super();
    this.#context = context;
    this.#reject = reject;
  }

  onCanceled(): void {
    this.#reject(this.#context.cause);
  }

  fail(error: unknown): void {
    this.stopListening();
    this.#reject(error);
  }
}

function ignore(): void {
  // Whoever waits is told; if nobody does any more, nobody needs to be.
}
