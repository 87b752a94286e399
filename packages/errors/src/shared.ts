/** What must be one per process though there may be several copies of this package. */
export function shared<T extends object>(name: string, make: () => T): T {
  const store = globalThis as unknown as Record<symbol, T | undefined>;
  return (store[Symbol.for(`@patterns/errors/${name}`)] ??= make());
}
