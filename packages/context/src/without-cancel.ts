import { ownBackground } from './background.ts';
import type { Cancellation, Context } from './context.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import type { TimeScope } from './time-scope.ts';
import { toTreeContext } from './to-context.ts';
import { TreeContext } from './tree-context.ts';
import type { Binding } from './value-lookup.ts';

class DetachedContext extends TreeContext {
  readonly parent: TreeContext;
  readonly time: TimeScope | undefined;
  readonly bindings: Binding | undefined;
  readonly source: undefined;

  constructor(parent: TreeContext) {
    super();
    this.parent = parent;
    // The queue of a clock is a scope that has no deadline.
    this.time = parent.time === undefined ? undefined : DeadlineQueue.of(parent.time.clock);
    this.bindings = parent.bindings;
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
