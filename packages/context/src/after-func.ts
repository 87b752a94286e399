import { callListener } from './call-listener.ts';
import { CancellationListener } from './cancellation-listener.ts';
import { checkFunction } from './check-option.ts';
import type { Cancellation } from './context.ts';

/**
 * Runs `fn` once after `ctx` is done, in a microtask of its own, also if it is done already. The function returned stops that: `true` only if it prevented `fn`.
 * What `fn` throws goes to `patterns:context:listener-error`, or to `process.emitWarning` if nobody listens there.
 */
export function afterFunc(ctx: Cancellation, fn: () => void): () => boolean {
  checkFunction('fn', fn);
  const after = new AfterFunc(fn);
  after.listenTo(ctx);
  return () => after.stop();
}

class AfterFunc extends CancellationListener {
  static readonly #run = (after: AfterFunc): void => {
    callListener('context', undefined, 'afterFunc', after.#fn);
  };

  readonly #fn: () => void;
  #settled = false;
  #schedule!: (after: this) => void;

  constructor(fn: () => void) {
    super();
    this.#fn = fn;
    // A reaction registered now runs in the AsyncLocalStorage context of whoever registers, not of whoever cancels; nor can a promise be faked, as `queueMicrotask` can.
    void new Promise<this>((resolve) => {
      this.#schedule = resolve;
    }).then(AfterFunc.#run);
  }

  onCanceled(): void {
    this.#settled = true;
    this.#schedule(this);
  }

  stop(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.stopListening();
    return true;
  }
}
