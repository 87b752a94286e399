import type { Cancellation } from './context.ts';
import { toParent } from './to-context.ts';

/**
 * Ends a context whose deadline has passed while no timer could come: what goes on in microtasks lets none. Nothing where the deadline is not one of ours.
 * Never throws.
 */
export function endIfOverdue(ctx: Cancellation): void {
  try {
    toParent(ctx, 'signal').time?.expireIfOverdue?.();
  } catch {
    // One that is written by hand.
  }
}
