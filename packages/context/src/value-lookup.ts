import type { ContextKey } from './context-key.ts';

/** One binding of a key, and those outside it. */
export interface Binding {
  readonly key: unknown;
  readonly boundValue: unknown;
  readonly outer: Binding | undefined;
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

/** Only contexts that bind something are visited, in a loop. */
export function lookUp(bindings: Binding | undefined, key: ContextKey<unknown>): unknown {
  let binding = bindings;
  while (binding !== undefined) {
    if (binding.key === key) return binding.boundValue;
    if (binding.outer === undefined) break;
    binding = binding.outer;
  }
  return binding?.key === anyKey ? (binding as OpenBinding).find(key) : unbound;
}
