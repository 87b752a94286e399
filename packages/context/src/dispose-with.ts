/**
 * Makes `using` call `method`, without arguments. Does nothing where the symbol is missing, as in the sandbox of Jest 29: there, a method written
 * `[Symbol.dispose]()` would become one named "undefined". The class itself declares the type: `declare readonly [Symbol.dispose]: () => void`.
 */
export function disposeWith<T>(type: { readonly prototype: T }, method: keyof T): void {
  defineAlias(type.prototype, Symbol.dispose as symbol | undefined, method);
}

/** {@link disposeWith} for `await using`; `method` returns a promise. */
export function asyncDisposeWith<T>(type: { readonly prototype: T }, method: keyof T): void {
  defineAlias(type.prototype, Symbol.asyncDispose as symbol | undefined, method);
}

function defineAlias<T>(prototype: T, alias: symbol | undefined, method: keyof T): void {
  if (alias === undefined) return;
  Object.defineProperty(prototype, alias, {
    configurable: true,
    writable: true,
    value(this: T): unknown {
      return (this[method] as () => unknown)();
    },
  });
}
