import { checkType } from './check-option.ts';

/** Looked up by identity. `R` is what reading gives: `T` if the key has a default, else `T | undefined`. */
export interface ContextKey<T, R extends T | undefined = T | undefined> {
  readonly name: string;
  readonly defaultValue: R;
}

/** A new key each time; the name is for people. */
export function createKey<T>(name: string): ContextKey<T>;
export function createKey<T>(name: string, defaultValue: T): ContextKey<T, T>;
export function createKey<T>(name: string, defaultValue?: T): ContextKey<T> {
  checkType('name of a key', name, typeof name === 'string', 'a string');
  return Object.freeze({ name, defaultValue });
}
