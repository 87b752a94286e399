import { CancellationListener } from './cancellation-listener.ts';
import { toParent } from './to-context.ts';
import type { TreeContext } from './tree-context.ts';
import type { WaitOptions } from './wait-options.ts';
import { whenSettled } from './when-settled.ts';

/** The promise's outcome, unless `signal` ends first. A late rejection is never an unhandled one. Of a wait that has ended, a promise that stays pending keeps a reaction, and nothing of the context. */
export function waitFor<T>(promise: PromiseLike<T>, options?: WaitOptions): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const waiter = new Waiter(resolve, reject);
    // First, so that its rejection is handled whatever else ends the wait.
    waiter.awaitOutcome(promise);
    waiter.awaitEnd(toParent(options?.signal, 'signal'));
  });
}

/** Nobody can leave a promise: until it settles it holds this, by a reaction. So a wait that is over lets go of everything that is in here. */
class Waiter<T> extends CancellationListener {
  #context: TreeContext | undefined;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(resolve: (value: T) => void, reject: (reason: unknown) => void) {
    super();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Here, where the two functions see no variable but `this`. */
  awaitOutcome(promise: PromiseLike<T>): void {
    void whenSettled(
      promise,
      (value) => {
        this.#resolve?.(value);
        this.letGo();
      },
      (error: unknown) => {
        this.reject(error);
      },
    );
  }

  awaitEnd(context: TreeContext): void {
    this.#context = context;
    this.listenTo(context);
  }

  onCanceled(): void {
    this.reject(this.#context?.cause);
  }

  reject(reason: unknown): void {
    this.#reject?.(reason);
    this.letGo();
  }

  letGo(): void {
    this.stopListening();
    this.#context = this.#resolve = this.#reject = undefined;
  }
}
