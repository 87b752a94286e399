import type { AsyncScope } from './async-scope.ts';
import type { Ending } from './ending.ts';

/** The signal of a context, made when somebody asks for it. */
export class SignalSource {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new SignalSource(undefined as never, undefined);

  readonly #controller: AbortController;
  /** Let go of when it has ended, as it keeps stores alive. */
  #scope: AsyncScope | undefined;

  /** @param scope that of whoever asks; undefined where no deadline can end it */
  constructor(controller: AbortController, scope: AsyncScope | undefined) {
    this.#controller = controller;
    this.#scope = scope;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Where a deadline has ended it, listeners see the AsyncLocalStorage stores in which the signal was asked for, as those of `AbortSignal.timeout` see the ones in which that was made:
   * all deadlines share a timer. Else they see those of whoever cancels, as with any `AbortController`.
   */
  abort(ending: Ending): void {
    const scope = ending.byDeadline ? this.#scope : undefined;
    this.#scope = undefined;
    if (scope === undefined) this.#controller.abort(ending.cause);
    else
      scope.runInAsyncScope(() => {
        this.#controller.abort(ending.cause);
      });
  }
}
