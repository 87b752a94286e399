import type { Cancellation } from './context.ts';
import { addListener, removeListener, type ListenerEntry, type ListenerSource } from './listener-list.ts';
import { toTreeContext } from './to-context.ts';

/**
 * Hears the end of a context or an `AbortSignal` synchronously, inside `cancel()`. Extend it with the object that waits, and neither a closure nor a set is needed;
 * listening and leaving are O(1). After {@link onCanceled} or {@link stopListening} nothing is left behind.
 */
export abstract class CancellationListener implements ListenerEntry {
  /** @internal */
  declare nextListener: ListenerEntry | undefined;
  /** @internal */
  declare previousListener: ListenerEntry | undefined;
  /** @internal */
  declare listensTo: ListenerSource | undefined;
  /** @internal */
  declare readonly source: undefined;

  constructor() {
    this.nextListener = undefined;
    this.previousListener = undefined;
    this.listensTo = undefined;
    this.source = undefined;
  }

  /** Called once, when every context of the tree has ended already. Must not throw. */
  abstract onCanceled(): void;

  /** Calls {@link onCanceled} at once if it has ended already. Listens to one thing at a time: what it listened to before, it leaves. */
  listenTo(cancellation: Cancellation): void {
    const { source } = toTreeContext(cancellation, 'signal');
    removeListener(this);
    if (source === undefined) return;
    if (source.currentEnding() === undefined) addListener(source, this);
    else this.onCanceled();
  }

  stopListening(): void {
    removeListener(this);
  }
}
