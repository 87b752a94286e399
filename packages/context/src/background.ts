import type { Context } from './context.ts';
import { newAbortController } from './new-abort-controller.ts';
import { TreeContext } from './tree-context.ts';

/** Never done, no deadline, no values. */
class RootContext extends TreeContext {
  readonly parent: undefined;
  readonly time: undefined;
  readonly bindings: undefined;
  readonly source: undefined;
  readonly #name: string;
  #signal: AbortSignal | undefined;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= newAbortController().signal);
  }

  describe(): string {
    return this.#name;
  }
}

const backgroundKey: symbol = Symbol.for('@patterns/context.background');
const todoKey: symbol = Symbol.for('@patterns/context.todo');

interface Shared {
  [backgroundKey]?: Context;
  [todoKey]?: Context;
}

/** Of this copy of the package. The one of the process may have been made by another copy: then this stands in for it as a parent. */
export const ownBackground: TreeContext = new RootContext('Background');
const ownTodo: TreeContext = new RootContext('TODO');

/** Never done, no deadline, no values. One object in the process. */
export function background(): Context {
  return ((globalThis as Shared)[backgroundKey] ??= ownBackground);
}

/** Like {@link background}, for code that does not have its context yet. Another object. */
export function todo(): Context {
  return ((globalThis as Shared)[todoKey] ??= ownTodo);
}

/** The stand-in for one of the two, if `context` is one. */
export function ownRoot(context: unknown): TreeContext | undefined {
  const shared = globalThis as Shared;
  if (context === shared[backgroundKey]) return ownBackground;
  return context === shared[todoKey] ? ownTodo : undefined;
}
