import { currentScope } from './async-scope.ts';
import { ownBackground } from './background.ts';
import type { CanceledError } from './canceled-error.ts';
import type { CancelableContext, Cancellation } from './context.ts';
import type { DeadlineExceededError } from './deadline-exceeded-error.ts';
import { disposeWith } from './dispose-with.ts';
import { Ending } from './ending.ts';
import {
  addListener,
  endListeners,
  removeListener,
  tellAtOnce,
  type Dependent,
  type ListenerEntry,
  type ListenerSource,
} from './listener-list.ts';
import { newAbortController } from './new-abort-controller.ts';
import { SignalSource } from './signal-source.ts';
import type { TimeScope } from './time-scope.ts';
import { toParent } from './to-context.ts';
import { TreeContext, type CancellationSource } from './tree-context.ts';
import type { Binding } from './value-lookup.ts';

/**
 * A node of the tree that can end on its own: an entry in the list of what it ends with, and the head of a list of what ends with it.
 * A live one is a single object, with neither a set nor a closure nor a controller beside it.
 */
export class CancelContext extends TreeContext implements CancelableContext, CancellationSource, Dependent {
  declare readonly [Symbol.dispose]: () => void;
  static {
    disposeWith(CancelContext, 'end');
  }

  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new CancelContext(ownBackground);

  // Assigned in the constructor: fields defined in the class body, and getters where many classes meet, cost several times as much on Node 20.
  declare readonly parent: TreeContext;
  declare time: TimeScope | undefined;
  declare bindings: Binding | undefined;
  declare readonly source: this;
  declare nextListener: ListenerEntry | undefined;
  declare previousListener: ListenerEntry | undefined;
  declare listensTo: ListenerSource | undefined;
  declare firstListener: ListenerEntry | undefined;
  declare ending: Ending | undefined;
  declare signalSource: SignalSource | undefined;
  declare boundCancel: ((cause?: unknown) => void) | undefined;

  constructor(parent: TreeContext, time: TimeScope | undefined = parent.time) {
    super();
    this.parent = parent;
    this.time = time;
    this.bindings = parent.bindings;
    this.source = this;
    this.nextListener = undefined;
    this.previousListener = undefined;
    this.listensTo = undefined;
    this.firstListener = undefined;
    this.ending = undefined;
    this.signalSource = undefined;
    this.boundCancel = undefined;
  }

  /** Done already if the parent is. */
  follow(source: CancellationSource | undefined): void {
    if (source === undefined) return;
    this.ending = source.currentEnding();
    if (this.ending === undefined) addListener(source, this);
  }

  override get done(): boolean {
    return this.ending !== undefined;
  }

  override get err(): CanceledError | DeadlineExceededError | undefined {
    return this.ending?.err;
  }

  override get cause(): unknown {
    return this.ending?.cause;
  }

  get signal(): AbortSignal {
    if (this.signalSource === undefined) {
      // Not whether there is a deadline: that may be for a hand-written context to say, which may throw.
      const mayExpire = this.ending === undefined && this.time !== undefined;
      this.signalSource = new SignalSource(newAbortController(), mayExpire ? currentScope() : undefined);
    }
    // Also where it has ended with its tree, and a callback asks before its turn has come.
    if (this.ending !== undefined) this.signalSource.abort(this.ending);
    return this.signalSource.signal;
  }

  get cancel(): (cause?: unknown) => void {
    return (this.boundCancel ??= (cause) => {
      this.endWith(cause);
    });
  }

  currentEnding(): Ending | undefined {
    return this.ending;
  }

  end(): void {
    this.endWith(undefined);
  }

  endWith(cause: unknown): void {
    if (this.ending === undefined) this.finish(new Ending(cause));
    // It may have ended with its tree, and a callback cancels it before its turn has come.
    else tellAtOnce(this);
  }

  /** Ends the whole tree below. */
  finish(ending: Ending): void {
    removeListener(this);
    this.settle(ending);
    endListeners(this);
  }

  settle(ending: Ending): void {
    this.ending = ending;
  }

  onCanceled(): void {
    this.signalSource?.abort(this.ending as Ending);
  }

  onFirstListener(): void {
    // Its own place in the list of its parent does not depend on it.
  }

  onNoListener(): void {
    // As above.
  }

  describe(): string {
    return 'withCancel';
  }
}

/** A parent that is done already gives a child that is done, with its `err` and `cause`; as in all of these. */
export function withCancel(parent?: Cancellation): CancelableContext {
  const from = toParent(parent);
  const context = new CancelContext(from);
  context.follow(from.source);
  return context;
}
