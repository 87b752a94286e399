import type { ContextKey } from './context-key.ts';

/** By which contexts, of any copy of the package, say whether a key is bound: a value that is the default does not tell. */
export const bindsKey: unique symbol = Symbol.for('@patterns/context.binds') as never;

/** False for what does not say. */
export function binds(ctx: object, key: ContextKey<unknown>): boolean {
  return (ctx as { readonly [bindsKey]?: (key: ContextKey<unknown>) => boolean })[bindsKey]?.(key) === true;
}
