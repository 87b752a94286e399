import type { Clock, Context } from '@patterns/context';

/** By which contexts, of any copy of the package, say what clock they live by. */
export const clockKey: unique symbol = Symbol.for('@patterns/context.clock') as never;

/** Undefined for a context that has none, as no deadline is above it. */
export function clockOf(ctx: Context): Clock | undefined {
  return (ctx as { readonly [clockKey]?: Clock })[clockKey];
}
