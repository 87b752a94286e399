import type { Context } from '@patterns/context';
import { CancellationListener } from '@patterns/context/internal';

/**
 * Of a wait that would end exactly at its deadline: of two timers for one moment, that of the deadline may come first. Made before the wait
 * itself listens, and so told before, it lets whoever can be served be served.
 */
export class LastMoment extends CancellationListener {
  readonly #serve: () => void;

  constructor(context: Context, serve: () => void) {
    super();
    this.#serve = serve;
    this.listenTo(context);
  }

  onCanceled(): void {
    this.#serve();
  }
}
