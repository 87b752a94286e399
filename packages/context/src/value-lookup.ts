import type { ContextKey } from './context-key.ts';

/** One binding of a key, and those outside it. */
export interface Binding {
  readonly key: unknown;
  readonly boundValue: unknown;
  readonly outer: Binding | undefined;
  /** The last key that was far away, with its value. */
  farKey: unknown;
  farValue: unknown;
}

/** Where the chain ends in something that has to be asked: a context that is not ours, or several. `key` is {@link anyKey}. */
export interface OpenBinding extends Binding {
  readonly outer: undefined;
  find(key: ContextKey<unknown>): unknown;
}

/** No key of a user's is this one. */
export const anyKey: unique symbol = Symbol('any key');

/** Told apart from a key bound to `undefined`. */
export const unbound: unique symbol = Symbol('unbound');

/** Bindings further out than this are remembered where the search began: they never change. */
const far = 8;

/** Only contexts that bind something are visited, in a loop. */
export function lookUp(bindings: Binding | undefined, key: ContextKey<unknown>): unknown {
  if (bindings === undefined) return unbound;
  if (bindings.farKey === key) return bindings.farValue;
  let binding = bindings;
  for (let distance = 0; ; distance++) {
    if (binding.key === key) {
      if (distance > far) {
        bindings.farKey = key;
        bindings.farValue = binding.boundValue;
      }
      return binding.boundValue;
    }
    if (binding.outer === undefined) break;
    binding = binding.outer;
  }
  return binding.key === anyKey ? (binding as OpenBinding).find(key) : unbound;
}
