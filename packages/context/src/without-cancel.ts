import { ownBackground } from './background.ts';
import type { Cancellation, Context } from './context.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { toTreeContext } from './to-context.ts';
import { TreeContext } from './tree-context.ts';

class DetachedContext extends TreeContext {
  readonly source: undefined;

  constructor(parent: TreeContext) {
    // The queue of a clock is a scope that has no deadline.
    super(parent, parent.time === undefined ? undefined : DeadlineQueue.of(parent.time.clock), parent.bindings);
  }

  get signal(): AbortSignal {
    return ownBackground.signal;
  }

  describe(): string {
    return 'withoutCancel';
  }
}

/** Keeps values and clock; drops deadline, cancellation and cause. */
export function withoutCancel(parent: Cancellation): Context {
  return new DetachedContext(toTreeContext(parent, 'parent'));
}
