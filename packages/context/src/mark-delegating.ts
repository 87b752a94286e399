import { binds, bindsKey } from './binds.ts';
import { clockKey, clockOf } from './clock-of.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import type { ContextKey } from './context-key.ts';
import { delegatesTo } from './foreign-context.ts';

/**
 * For a class whose members pass on to a context of ours: what is derived from one listens to that context itself, without an `AbortSignal`
 * in between, and lives by its clock. Inspected, it is its text. No base class, as that costs each object more than the members do.
 */
export function markDelegating<T extends Context>(prototype: T, baseOf: (delegating: T) => Context): void {
  Object.defineProperties(prototype, {
    [Symbol.for('nodejs.util.inspect.custom')]: {
      value(this: T): string {
        return this.toString();
      },
    },
    [delegatesTo]: {
      get(this: T): Context {
        return baseOf(this);
      },
    },
    [clockKey]: {
      get(this: T): Clock | undefined {
        return clockOf(baseOf(this));
      },
    },
    [bindsKey]: {
      value(this: T, key: ContextKey<unknown>): boolean {
        return binds(baseOf(this), key);
      },
    },
  });
}
