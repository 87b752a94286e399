/** Looked up by identity. `R` is what reading gives: `T` if the key has a default, else `T | undefined`. */
export interface ContextKey<T, R extends T | undefined = T | undefined> {
  readonly name: string;
  readonly defaultValue: R;
}

/** A new key each time; the name is for people. */
export function createKey<T>(name: string): ContextKey<T>;
export function createKey<T>(name: string, defaultValue: T): ContextKey<T, T>;
export function createKey<T>(name: string, defaultValue?: T): ContextKey<T> {
  if (typeof name !== 'string') throw new TypeError(`name of a key must be a string, got ${typeof name}`);
  return Object.freeze({ name, defaultValue });
}
