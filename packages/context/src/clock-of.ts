import type { Clock } from './clock.ts';

/** By which contexts, of any copy of the package, say what clock they live by. */
export const clockKey: unique symbol = Symbol.for('@patterns/context.clock') as never;

/** Undefined for a context that has none, as no deadline is above it, and for what does not say. */
export function clockOf(ctx: object): Clock | undefined {
  return (ctx as { readonly [clockKey]?: Clock })[clockKey];
}
