import { createHook } from 'node:async_hooks';

/** What an operation made, from its call until its promise settled. */
export interface Cost {
  /** As V8 tells `async_hooks`: those of `async` functions, of `then` and of `await` included, and of whatever else runs if the operation takes more than microtasks. */
  readonly promises: number;
  /** `setTimeout` of the globals. */
  readonly timers: number;
  /** `setImmediate` of the globals. */
  readonly immediates: number;
  readonly abortControllers: number;
  /** Added to any `EventTarget`. */
  readonly listeners: number;
}

export const noCost: Cost = { promises: 0, timers: 0, immediates: 0, abortControllers: 0, listeners: 0 };

/**
 * Counts what `operation` makes, to hold a README to its figures. A rejection is waited for as well. Nothing else may run meanwhile. The operation is called
 * twice and the second call counts: what is made once in a process is no cost of a call.
 */
export async function costOf(operation: () => unknown): Promise<Cost> {
  // The caller awaits us with a promise of its own, which is not to be counted.
  await existing;
  await countMade(operation);
  const made = await countMade(operation);
  // Waiting makes promises too: those of an operation that makes none.
  const waiting = made.isAsync ? ((await countMade(() => existing)).counts.get('promise') ?? 0) : 0;
  const count = (what: string): number => made.counts.get(what) ?? 0;
  return {
    promises: count('promise') - waiting,
    timers: count('setTimeout'),
    immediates: count('setImmediate'),
    abortControllers: count('AbortController'),
    listeners: count('listener'),
  };
}

const existing = Promise.resolve();

interface Made {
  readonly isAsync: boolean;
  readonly counts: ReadonlyMap<string, number>;
}

function countMade(operation: () => unknown): Promise<Made> {
  const counts = new Map<string, number>();
  const count = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };
  return new Promise((resolve) => {
    const hook = createHook({
      init: (_id, type) => {
        if (type === 'PROMISE') count('promise');
      },
    });
    const unwatch = [
      countCalls('setTimeout', count),
      countCalls('setImmediate', count),
      countControllers(count),
      countListeners(count),
    ];
    const end = (isAsync: boolean): void => {
      hook.disable();
      for (const restore of unwatch) restore();
      resolve({ isAsync, counts });
    };
    const settled = (): void => {
      end(true);
    };

    hook.enable();
    try {
      const result = operation();
      if (result instanceof Promise) void result.then(settled, settled);
      else end(false);
    } catch {
      end(false);
    }
  });
}

function countCalls(name: 'setTimeout' | 'setImmediate', count: (what: string) => void): () => void {
  const original = globalThis[name] as (...args: unknown[]) => unknown;
  const counting = (...args: unknown[]): unknown => {
    count(name);
    return original(...args);
  };
  Object.assign(globalThis, { [name]: counting });
  return () => {
    Object.assign(globalThis, { [name]: original });
  };
}

function countControllers(count: (what: string) => void): () => void {
  const original = globalThis.AbortController;
  globalThis.AbortController = class AbortController extends original {
    constructor() {
      super();
      count('AbortController');
    }
  };
  return () => {
    globalThis.AbortController = original;
  };
}

function countListeners(count: (what: string) => void): () => void {
  const { prototype } = EventTarget;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object
  const original = prototype.addEventListener;
  prototype.addEventListener = function (...args) {
    count('listener');
    original.apply(this, args);
  };
  return () => {
    prototype.addEventListener = original;
  };
}
