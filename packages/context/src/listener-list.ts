import { reportListenerError } from './call-listener.ts';
import type { Ending } from './ending.ts';

/**
 * What hears the end of a context: an entry of an intrusive, doubly linked, circular list. So a child or a listener costs no allocation beside itself, and leaves in O(1).
 */
export interface ListenerEntry {
  nextListener: ListenerEntry | undefined;
  previousListener: ListenerEntry | undefined;
  /** Undefined while in no list. What several entries stand for has here, while it waits in a ring, the head of that. */
  listensTo: ListenerSource | undefined;
  /** Where the entry stands for a context that ends too, that is what others listen to. */
  readonly source: Dependent | undefined;
  /** Called once, after every context of the tree has ended. What it throws is reported, and stops nothing. */
  onCanceled(): void;
}

export interface ListenerSource {
  firstListener: ListenerEntry | undefined;
  ending: Ending | undefined;
  /** The list is empty no longer. */
  onFirstListener(): void;
  /** The last one has left. Not called when the list goes because the source has ended. */
  onNoListener(): void;
}

/** A context that others listen to, and that ends with another one. */
export interface Dependent extends ListenerSource, ListenerEntry {
  /** Sets {@link ending}, and lets go of what would have ended it otherwise. */
  settle(ending: Ending): void;
}

export function addListener(source: ListenerSource, entry: ListenerEntry): void {
  entry.listensTo = source;
  const first = source.firstListener;
  if (first === undefined) {
    source.firstListener = entry;
    entry.nextListener = entry;
    entry.previousListener = entry;
    source.onFirstListener();
    return;
  }
  const last = first.previousListener as ListenerEntry;
  last.nextListener = entry;
  entry.previousListener = last;
  entry.nextListener = first;
  first.previousListener = entry;
}

/** Does nothing if it is in no list. */
export function removeListener(entry: ListenerEntry): void {
  const source = entry.listensTo;
  if (source === undefined) return;
  const next = entry.nextListener as ListenerEntry;
  entry.listensTo = undefined;
  if (next === entry) {
    entry.nextListener = undefined;
    entry.previousListener = undefined;
    source.firstListener = undefined;
    source.onNoListener();
    return;
  }
  if (source.firstListener === entry) source.firstListener = next;
  unlink(entry);
}

/**
 * Ends everything below `root`, whose own `ending` is set, and then tells everybody. Two passes without recursion, so that neither a wide nor a deep tree is a problem:
 * the lists of the whole tree are chained into one ring behind `root`, in the order of a walk, marking contexts on the way; then the ring is emptied from the front.
 * A callback finds the tree complete, may cancel or derive as it likes, and takes whatever leaves early out of the same ring.
 */
export function endListeners(root: ListenerSource & ListenerEntry): void {
  const only = root.firstListener;
  if (only === undefined) {
    notify(root);
  } else if (only.nextListener === only && only.source === undefined) {
    // Nothing to mark: what follows comes to this. It may leave when the root is told.
    notify(root);
    if (only.listensTo !== root) return;
    removeListener(only);
    notify(only);
  } else {
    endTree(root);
  }
}

/**
 * For whoever cancels, from a callback, what has ended with its tree and waits for its turn: it is told at once, and what has ended with it.
 * Does nothing where its turn has come: then what is below it is being told already, further up the stack.
 */
export function tellAtOnce(waiting: Dependent): void {
  if (waiting.listensTo === undefined) return;
  cutOut(waiting, waiting);
  waiting.listensTo = undefined;
  markRing(waiting);
  tellRing(waiting);
}

function endTree(root: ListenerSource & ListenerEntry): void {
  root.nextListener = root;
  root.previousListener = root;
  insertListeners(root, root);
  markRing(root);
  tellRing(root);
}

function markRing(root: ListenerSource & ListenerEntry): void {
  for (let entry = root.nextListener as ListenerEntry; entry !== root; entry = entry.nextListener as ListenerEntry) {
    const { source } = entry;
    if (source === undefined) continue;
    if (source === entry) {
      // A stand-in for a foreign context may know already, as somebody has asked it before its signal told us. Those below it do not.
      if (source.ending === undefined) source.settle((entry.listensTo as ListenerSource).ending as Ending);
      insertListeners(source, source);
    } else if (source.ending === undefined) {
      // Several entries may stand for one context, which then stands behind the first of them.
      source.settle((entry.listensTo as ListenerSource).ending as Ending);
      source.listensTo = root;
      source.nextListener = source;
      source.previousListener = source;
      insertRing(entry, source);
    } else if (source.listensTo !== undefined && source.listensTo !== root) {
      // It waits in the ring of a tree that has ended before, and is told with whichever comes first.
      cutOut(source, root);
      insertRing(entry, source);
    }
  }
}

function tellRing(root: ListenerEntry): void {
  notify(root);
  while (root.nextListener !== root) {
    const entry = root.nextListener as ListenerEntry;
    entry.listensTo = undefined;
    unlink(entry);
    notify(entry);
  }
  root.nextListener = undefined;
  root.previousListener = undefined;
}

/** Makes a ring of what waits and all that has ended with it, which stands right behind it. */
function cutOut(waiting: Dependent, root: ListenerSource): void {
  const below = new Set<unknown>([waiting]);
  let last: ListenerEntry = waiting;
  for (;;) {
    const entry = last.nextListener as ListenerEntry;
    // Known by now is only what several entries stand for.
    if (below.has(entry)) entry.listensTo = root;
    else if (!below.has(entry.listensTo)) break;
    if (entry.source !== undefined) below.add(entry.source);
    last = entry;
  }
  const next = last.nextListener as ListenerEntry;
  const previous = waiting.previousListener as ListenerEntry;
  previous.nextListener = next;
  next.previousListener = previous;
  last.nextListener = waiting;
  waiting.previousListener = last;
  waiting.listensTo = root;
}

function notify(entry: ListenerEntry): void {
  try {
    entry.onCanceled();
  } catch (error) {
    reportListenerError('context', undefined, 'onCanceled', entry, error);
  }
}

function insertListeners(source: ListenerSource, after: ListenerEntry): void {
  const first = source.firstListener;
  if (first === undefined) return;
  source.firstListener = undefined;
  insertRing(after, first);
}

function insertRing(after: ListenerEntry, first: ListenerEntry): void {
  const last = first.previousListener as ListenerEntry;
  const next = after.nextListener as ListenerEntry;
  after.nextListener = first;
  first.previousListener = after;
  last.nextListener = next;
  next.previousListener = last;
}

function unlink(entry: ListenerEntry): void {
  const next = entry.nextListener as ListenerEntry;
  const previous = entry.previousListener as ListenerEntry;
  previous.nextListener = next;
  next.previousListener = previous;
  entry.nextListener = undefined;
  entry.previousListener = undefined;
}
