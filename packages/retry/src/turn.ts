import type { Context } from '@patterns/context';
import { CancellationListener } from '@patterns/context/internal';

/**
 * One turn of the event loop without a timer: input and output, and other callers, get theirs. Fulfilled as well when `ctx` ends, then at
 * once.
 */
export function turn(ctx: Context, ref: boolean): Promise<void> {
  return new Promise((resolve) => {
    new Turn(resolve).wait(ctx, ref);
  });
}

class Turn extends CancellationListener {
  readonly #resolve: () => void;
  #immediate: NodeJS.Immediate | undefined;

  constructor(resolve: () => void) {
    super();
    this.#resolve = resolve;
  }

  wait(ctx: Context, ref: boolean): void {
    this.#immediate = setImmediate(endOfTurn, this);
    if (!ref) this.#immediate.unref();
    this.listenTo(ctx);
  }

  override onCanceled(): void {
    clearImmediate(this.#immediate);
    this.#resolve();
  }

  end(): void {
    this.stopListening();
    this.#resolve();
  }
}

function endOfTurn(turn: Turn): void {
  turn.end();
}
