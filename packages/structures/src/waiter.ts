import type { Context } from '@patterns/context';
import { CancellationListener, clearTimer } from '@patterns/context/internal';

/** One who waits in a queue: at once its entry in the queue's list and what hears the end of its context, so that waiting costs this object and the promise. */
export class Waiter<T, Tag> extends CancellationListener {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new Waiter(
    undefined,
    NaN,
    () => undefined,
    () => undefined,
    undefined,
    () => undefined,
  );

  readonly tag: Tag;
  readonly sinceMs: number;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  readonly #context: Context | undefined;
  /** What to do when the context has ended. The same function for all waiters of a queue. */
  readonly #onEnd: (waiter: Waiter<T, Tag>, cause: unknown) => void;

  next: Waiter<T, Tag> | undefined = undefined;
  previous: Waiter<T, Tag> | undefined = undefined;
  timer: Disposable | undefined = undefined;
  /** In the queue: not settled, and nobody about to. */
  waiting = true;

  constructor(
    tag: Tag,
    sinceMs: number,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
    context: Context | undefined,
    onEnd: (waiter: Waiter<T, Tag>, cause: unknown) => void,
  ) {
    super();
    this.tag = tag;
    this.sinceMs = sinceMs;
    this.resolve = resolve;
    this.reject = reject;
    this.#context = context;
    this.#onEnd = onEnd;
  }

  /** Not if it has been settled meanwhile: there would be nobody to stop it. */
  listen(): void {
    if (this.#context !== undefined && this.waiting) this.listenTo(this.#context);
  }

  onCanceled(): void {
    this.#onEnd(this, this.#context?.cause);
  }

  /** Once it is out of the queue: nothing of it is left elsewhere. */
  letGo(): void {
    this.waiting = false;
    if (this.#context !== undefined) this.stopListening();
    if (this.timer !== undefined) clearTimer(this.timer);
    this.timer = undefined;
  }
}
