import { Ending } from './ending.ts';
import { endListeners, type Dependent, type ListenerEntry } from './listener-list.ts';
import { TreeContext } from './tree-context.ts';

/** A view of an `AbortSignal`: the root of what is derived from it. */
export class SignalContext extends TreeContext implements Dependent {
  static readonly #views = new WeakMap<AbortSignal, SignalContext>();

  readonly source: this = this;
  readonly signal: AbortSignal;
  firstListener: ListenerEntry | undefined = undefined;
  ending: Ending | undefined = undefined;
  // It is an entry of no list but the ring of its own end.
  nextListener: ListenerEntry | undefined = undefined;
  previousListener: ListenerEntry | undefined = undefined;
  listensTo: undefined;

  /** The same object for the same signal. */
  static of(signal: AbortSignal): SignalContext {
    let view = SignalContext.#views.get(signal);
    if (view === undefined) SignalContext.#views.set(signal, (view = new SignalContext(signal)));
    return view;
  }

  readonly parent: undefined;
  readonly time: undefined;
  readonly bindings: undefined;

  private constructor(signal: AbortSignal) {
    super();
    this.signal = signal;
  }

  currentEnding(): Ending | undefined {
    // Also while the signal tells its listeners, of whom ours may not be the first.
    if (this.ending === undefined && this.signal.aborted) this.ending = Ending.ofSignal(this.signal);
    return this.ending;
  }

  /** An `EventListener`, so that listening costs no closure. */
  handleEvent(): void {
    // Anybody can dispatch an event of that name. For the same reason it does not listen `once`.
    if (this.currentEnding() === undefined) return;
    this.signal.removeEventListener('abort', this);
    endListeners(this);
  }

  onFirstListener(): void {
    this.signal.addEventListener('abort', this);
  }

  onNoListener(): void {
    this.signal.removeEventListener('abort', this);
  }

  settle(): void {
    // It ends with its signal, and stands for nothing that could end before.
  }

  onCanceled(): void {
    // It is the signal that told us.
  }

  describe(): string {
    return 'fromSignal';
  }
}
