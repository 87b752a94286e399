import type { Context } from '@patterns/context';
import { CancellationListener } from '@patterns/context/internal';

/** Hears that somebody has ended the pool from outside. */
export class EndWatch extends CancellationListener {
  hasEnded = false;
  readonly #context: Context;
  readonly #onEnd: (cause: unknown) => void;

  constructor(context: Context, onEnd: (cause: unknown) => void) {
    super();
    this.#context = context;
    this.#onEnd = onEnd;
  }

  start(): void {
    this.listenTo(this.#context);
  }

  onCanceled(): void {
    this.hasEnded = true;
    this.#onEnd(this.#context.cause);
  }
}
