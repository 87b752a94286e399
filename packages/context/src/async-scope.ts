/** The part of an `AsyncResource` that is needed here: what it runs sees the AsyncLocalStorage stores in which it was made. */
export interface AsyncScope {
  runInAsyncScope(fn: () => void): void;
}

/** Where there are no stores there is nothing to see. */
const noScope: AsyncScope = {
  runInAsyncScope: (fn) => {
    fn();
  },
};

let makeScope: (() => AsyncScope) | undefined;

/** That of whoever calls; it keeps the stores alive as long as it lives. */
export function currentScope(): AsyncScope {
  return (makeScope ??= scopesOfPlatform())();
}

function scopesOfPlatform(): () => AsyncScope {
  // Not imported: the packages load on runtimes that have no such module.
  const node = (globalThis as { readonly process?: Partial<NodeJS.Process> }).process;
  const hooks = node?.getBuiltinModule?.('node:async_hooks');
  if (hooks === undefined) return () => noScope;
  /** Holds no process, and says so: `jest --detectOpenHandles` takes whatever says nothing for an open handle. */
  class Scope extends hooks.AsyncResource {
    hasRef(): boolean {
      return false;
    }
  }
  return () => new Scope('patterns:context');
}

/** That of whoever loads the package, which should be no request: for what many share, so that none of them is seen in there, or kept. */
export const sharedScope: AsyncScope = /* @__PURE__ */ currentScope();
