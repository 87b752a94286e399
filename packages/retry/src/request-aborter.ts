import { toContext, type Cancellation, type Context } from '@patterns/context';
import { CancellationListener } from '@patterns/context/internal';

/** A body keeps what aborts it, */
const controllers = new WeakMap<object, AbortController>();
/** and when both have been collected, the signals are left. What is held here leads to them, and they may lead to anything, so it is held weakly. */
const abandoned = /* @__PURE__ */ new FinalizationRegistry<WeakRef<RequestAborter>>((aborter) => {
  aborter.deref()?.release();
});

/**
 * Aborts a request when its attempt ends, or one of `sources`, which may live as long as the process. When there is a response, the attempt has
 * ended, and the sources go on: they abort its body, but do not keep it, and let go when it has been collected. `AbortSignal.any` would leave an
 * entry for each request on them, in Node.js 20 for ever.
 */
export class RequestAborter {
  /** Until there is a response: of a request that is waited for, nobody else may have anything. */
  #controller: AbortController | undefined = new AbortController();
  #weakController: WeakRef<AbortController> | undefined = undefined;
  /** That to the attempt first. */
  readonly #links: Link[];

  /** @throws {TypeError} for a source that is none */
  constructor(attempt: Context, sources: Iterable<Cancellation>) {
    const contexts = Array.from(sources, (source) => toContext(source));
    this.#links = [attempt, ...contexts].map((context) => new Link(this, context));
    for (const link of this.#links) link.begin();
  }

  /** There is one until {@link keepFor}. */
  get signal(): AbortSignal {
    return (this.#controller as AbortController).signal;
  }

  abort(reason: unknown): void {
    this.release();
    const controller = this.#controller ?? this.#weakController?.deref();
    controller?.abort(reason);
  }

  /** Leaves the attempt, which has ended with this response. */
  keepFor(response: Response): void {
    const body = bodyOf(response);
    if (body === undefined) {
      this.release();
      return;
    }
    // Not even known any more: it leads to all that the call has, which may be the body.
    this.#links.shift()?.stopListening();
    const controller = this.#controller as AbortController;
    controllers.set(body, controller);
    abandoned.register(controller, new WeakRef(this));
    this.#weakController = new WeakRef(controller);
    this.#controller = undefined;
  }

  release(): void {
    for (const link of this.#links) link.stopListening();
  }
}

class Link extends CancellationListener {
  readonly #aborter: RequestAborter;
  readonly #context: Context;

  constructor(aborter: RequestAborter, context: Context) {
    super();
    this.#aborter = aborter;
    this.#context = context;
  }

  begin(): void {
    this.listenTo(this.#context);
  }

  override onCanceled(): void {
    this.#aborter.abort(this.#context.cause);
  }
}

/** What is still to be read, if anything; the response itself where that does not show it. */
function bodyOf(response: Response): object | undefined {
  try {
    const { body = response } = response as { readonly body?: unknown };
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    // Nobody else can read it either.
    return undefined;
  }
}
