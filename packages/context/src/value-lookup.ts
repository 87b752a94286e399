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
  readonly key: typeof anyKey;
  readonly outer: undefined;
  /** Those of several contexts, in the order in which they are asked. */
  readonly branches?: readonly (Binding | undefined)[];
  /** Asks a context that is not ours. */
  find?(key: ContextKey<unknown>): unknown;
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
  return isOpen(binding) ? lookBeyond(binding, key) : unbound;
}

/** In a loop too, and once beyond each end: contexts that are merged again and again share what is above them. */
function lookBeyond(end: OpenBinding, key: ContextKey<unknown>): unknown {
  const seen = new Set<OpenBinding>();
  const pending: Binding[] = [end];
  for (let binding = pending.pop(); binding !== undefined; binding = pending.pop()) {
    while (binding.key !== key && binding.outer !== undefined) binding = binding.outer;
    if (binding.key === key) return binding.boundValue;
    if (!isOpen(binding) || seen.has(binding)) continue;
    seen.add(binding);
    const { branches = [] } = binding;
    const value = binding.find === undefined ? unbound : binding.find(key);
    if (value !== unbound) return value;
    for (let i = branches.length - 1; i >= 0; i--) {
      const branch = branches[i];
      if (branch !== undefined) pending.push(branch);
    }
  }
  return unbound;
}

function isOpen(binding: Binding): binding is OpenBinding {
  return binding.key === anyKey;
}
