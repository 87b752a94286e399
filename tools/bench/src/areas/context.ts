import { setMaxListeners } from 'node:events';

import { afterFunc, createKey, withCancel, withTimeout, withValue, type Context } from '@patterns/context';

import { area, retains, row } from '../area.ts';
import { staged } from '../contender.ts';
import { atMost, ratio } from '../target.ts';

/** A node of a cancellation tree and nothing else: its children are a doubly linked list through themselves. */
class LimitNode {
  readonly parent: LimitNode | undefined;
  cause: unknown = undefined;
  listener: (() => void) | undefined = undefined;
  firstChild: LimitNode | undefined = undefined;
  next: LimitNode | undefined = undefined;
  previous: LimitNode | undefined = undefined;

  constructor(parent?: LimitNode) {
    this.parent = parent;
    if (parent === undefined) return;
    this.next = parent.firstChild;
    if (this.next !== undefined) this.next.previous = this;
    parent.firstChild = this;
  }

  cancel(cause: unknown): void {
    const { parent, next, previous } = this;
    if (next !== undefined) next.previous = previous;
    if (previous !== undefined) previous.next = next;
    else if (parent?.firstChild === this) parent.firstChild = next;
    this.end(cause);
  }

  private end(cause: unknown): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    if (this.listener !== undefined) void resolved.then(this.listener);
    let child = this.firstChild;
    this.firstChild = undefined;
    while (child !== undefined) {
      const { next } = child;
      child.end(cause);
      child.next = child.previous = undefined;
      child = next;
    }
  }
}
const resolved = Promise.resolve();

/** A node of values: what a context is in the books. */
class LimitValue {
  readonly parent: LimitValue | undefined;
  readonly key: unknown;
  readonly bound: unknown;
  constructor(parent: LimitValue | undefined, key: unknown, bound: unknown) {
    this.parent = parent;
    this.key = key;
    this.bound = bound;
  }
  value(key: unknown): unknown {
    if (this.key === key) return this.bound;
    for (let node = this.parent; node !== undefined; node = node.parent) {
      if (node.key === key) return node.bound;
    }
    return undefined;
  }
}

/** One timer for all deadlines: 64 slots a second for about a minute. A wheel that turns would also need rounds; adding does not. */
class LimitWheel {
  readonly #slots = new Array<LimitDeadline | undefined>(4096).fill(undefined);
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  add(timeoutMs: number): LimitDeadline {
    const deadline = performance.now() + timeoutMs;
    const slot = (deadline >> 4) & 4095;
    const added = new LimitDeadline(deadline, this.#slots[slot]);
    this.#slots[slot] = added;
    if (deadline < this.#timerAt) this.#arm(deadline, timeoutMs);
    return added;
  }

  clear(): void {
    this.#slots.fill(undefined);
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
  }

  #arm(deadline: number, timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => undefined, timeoutMs);
  }
}
class LimitDeadline extends LimitNode {
  readonly deadline: number;
  nextInSlot: LimitDeadline | undefined;
  previousInSlot: LimitDeadline | undefined = undefined;
  constructor(deadline: number, nextInSlot: LimitDeadline | undefined) {
    super();
    this.deadline = deadline;
    this.nextInSlot = nextInSlot;
    if (nextInSlot !== undefined) nextInSlot.previousInSlot = this;
  }
}

const cause = new Error('shutting down');
const ignore = () => undefined;

// --- Derive and drop: parents that live for ever ---

const limitParent = new LimitNode();
const ourParent = withCancel();
const controllerParent = new AbortController().signal;
setMaxListeners(0, controllerParent);
const setParent = new Set<object>();

/** The usual way to make a child of a signal by hand. */
function childOf(parent: AbortSignal): { readonly controller: AbortController; readonly leave: () => void } {
  const controller = new AbortController();
  const follow = () => {
    controller.abort(parent.reason);
  };
  parent.addEventListener('abort', follow, { once: true });
  return {
    controller,
    leave: () => {
      parent.removeEventListener('abort', follow);
    },
  };
}

// --- Batches ---

/** A thousand times, then the listeners' microtasks. */
function thousandTimes(operation: () => void) {
  return staged({
    per: 1000,
    run: async () => {
      for (let i = 0; i < 1000; i++) operation();
      await resolved;
    },
  });
}

/**
 * Makes a parent of 1 000 children for each run; they have to be alive until it is over. Each is asked at the end whether it knows: `AbortSignal.any` of
 * Node.js 24 puts the work off until then.
 */
function family<Parent, Child>(
  make: () => Parent,
  derive: (parent: Parent) => Child,
  cancel: (parent: Parent) => void,
  isDone: (child: Child) => boolean,
) {
  return staged({
    per: 1000,
    prepare: () => {
      const parent = make();
      return { parent, children: Array.from({ length: 1000 }, () => derive(parent)) };
    },
    run: ({ parent, children }) => {
      cancel(parent);
      for (const child of children) if (!isDone(child)) throw new Error('a child has not ended');
    },
  });
}

/** Makes so many things and keeps them. */
function keep<Thing>(count: number, make: (index: number) => Thing, discard: (thing: Thing) => void = ignore) {
  return staged({
    per: count,
    prepare: () => new Array<Thing>(count),
    run: (kept) => {
      for (let i = 0; i < count; i++) kept[i] = make(i);
    },
    cleanUp: (kept) => {
      for (const thing of kept) discard(thing);
    },
  });
}

const wheel = new LimitWheel();
/** Between 30 and 55 seconds, no two in a row the same, in no order. */
const distinctMs = (index: number) => 30_000 + ((index * 7919) % 25_000);
/** Nobody can stop it: it ends before the next one begins, and there are fewer of them. */
function keepTimeoutSignals(count: number) {
  return staged({
    per: count,
    prepare: () => new Array<AbortSignal>(count),
    run: (kept) => {
      for (let i = 0; i < count; i++) kept[i] = AbortSignal.timeout(200 + ((i * 7919) % 200));
    },
    cleanUp: async (kept) => {
      const last = kept.find((signal) => !signal.aborted);
      if (last !== undefined) await new Promise((resolve) => setTimeout(resolve, 450));
    },
  });
}

const deadlines = {
  limit: keep(
    100_000,
    (i) => wheel.add(distinctMs(i)),
    () => {
      wheel.clear();
    },
  ),
  ours: keep(
    100_000,
    (i) => withTimeout(undefined, distinctMs(i)),
    (context) => {
      context.cancel();
    },
  ),
  peers: {
    'setTimeout, one delay': keep(100_000, () => setTimeout(ignore, 30_000), clearTimeout),
    'setTimeout, distinct delays': keep(100_000, (i) => setTimeout(ignore, distinctMs(i)), clearTimeout),
    'AbortSignal.timeout, 5 000': keepTimeoutSignals(5_000),
  },
};

// --- Values ---

const key = createKey<string>('tenant');
function bindings<Node>(depth: number, innermost: Node, bind: (parent: Node) => Node): Node {
  let node = innermost;
  for (let i = 1; i < depth; i++) node = bind(node);
  return node;
}
/** The value asked for is bound first, the others after it. */
function valueRow(depth: number) {
  const ours = bindings<Context>(depth, withValue(undefined, key, 'acme'), (parent) =>
    withValue(parent, createKey<number>('other'), 1),
  );
  const limit = bindings(
    depth,
    new LimitValue(undefined, key, 'acme'),
    (parent) => new LimitValue(parent, Symbol('other'), 1),
  );
  return { work: `value at depth ${depth}`, limit: () => limit.value(key), ours: () => ours.value(key) };
}

export default area('context', [
  row({
    work: 'derive a cancellable child and drop it',
    limit: () => {
      new LimitNode(limitParent).cancel(cause);
    },
    ours: () => {
      withCancel(ourParent).cancel(cause);
    },
    peers: {
      'object in a Set': () => {
        const child = { cause: undefined };
        setParent.add(child);
        setParent.delete(child);
      },
      'AbortController and listener': () => {
        childOf(controllerParent).leave();
      },
      'AbortSignal.any': () => AbortSignal.any([controllerParent]),
      'AbortSignal.timeout': () => AbortSignal.timeout(1000),
    },
    target: ratio(3).andFasterThan('AbortController and listener'),
  }),
  row({
    work: 'make, listen once, cancel',
    limit: thousandTimes(() => {
      const node = new LimitNode();
      node.listener = ignore;
      node.cancel(cause);
    }),
    ours: thousandTimes(() => {
      const context = withCancel();
      afterFunc(context, ignore);
      context.cancel(cause);
    }),
    peers: {
      AbortController: thousandTimes(() => {
        const controller = new AbortController();
        controller.signal.addEventListener('abort', ignore, { once: true });
        controller.abort(cause);
      }),
      'AbortController, no reason given': thousandTimes(() => {
        const controller = new AbortController();
        controller.signal.addEventListener('abort', ignore, { once: true });
        controller.abort();
      }),
    },
    target: ratio(2).andFasterThan('AbortController'),
  }),
  row({
    work: 'cancel a parent of 1 000 and ask each child, per child',
    limit: family(
      () => new LimitNode(),
      (parent) => new LimitNode(parent),
      (parent) => {
        parent.cancel(cause);
      },
      (child) => child.cause !== undefined,
    ),
    ours: family(
      () => withCancel(),
      (parent) => withCancel(parent),
      (parent) => {
        parent.cancel(cause);
      },
      (child) => child.done,
    ),
    peers: {
      'AbortController and listener': family(
        manyListeners,
        (parent) => childOf(parent.signal),
        (parent) => {
          parent.abort(cause);
        },
        ({ controller }) => controller.signal.aborted,
      ),
      'AbortSignal.any': family(
        manyListeners,
        (parent) => AbortSignal.any([parent.signal]),
        (parent) => {
          parent.abort(cause);
        },
        (child) => child.aborted,
      ),
    },
    target: ratio(2).andFasterThan('AbortSignal.any'),
  }),
  row({ ...valueRow(10), target: ratio(2) }),
  row({ ...valueRow(100), target: atMost(100) }),
  row({
    work: 'add 100 000 live deadlines, per deadline',
    maxRounds: 7,
    ...deadlines,
    target: ratio(1.5).andFasterThan('setTimeout, distinct delays'),
  }),
  retains({
    work: 'a live cancellable context',
    limit: keep(
      50_000,
      () => new LimitNode(limitParent),
      (node) => {
        node.cancel(cause);
      },
    ),
    ours: keep(
      50_000,
      () => withCancel(ourParent),
      (context) => {
        context.cancel();
      },
    ),
    peers: {
      'AbortController with its signal': keep(50_000, () => {
        const controller = new AbortController();
        return { controller, signal: controller.signal };
      }),
      'AbortController and listener': staged({
        // Adding a listener, or removing it, takes a walk over all that are there: fewer of them, whose parent goes with them.
        per: 5000,
        prepare: () => ({ parent: manyListeners().signal, kept: new Array<unknown>(5000) }),
        run: ({ parent, kept }) => {
          for (let i = 0; i < 5000; i++) kept[i] = childOf(parent);
        },
      }),
    },
    target: atMost(120),
  }),
  retains({ work: 'a live deadline', ...deadlines, target: atMost(200) }),
]);

function manyListeners(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
