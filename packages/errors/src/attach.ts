import { ensureError } from './ensure-error.ts';
import { MarkedError } from './mark.ts';
import { isNullish } from './nullish.ts';
import { isSentinel } from './sentinel.ts';
import { shared } from './shared.ts';

/** Beside the errors, which may be frozen or not ours. */
const attached = shared('attached', () => new WeakMap<object, readonly unknown[]>());

/** Of one error that is used again and again, the latest count. */
const maxAttached = 16;

/**
 * Shows `secondary` in {@link format} without making it a cause: what went wrong while `err` was dealt with, in a cleanup for instance.
 * A nullish argument gives the other one, two of them `undefined`. Gives `err` itself, or an error that carries it if it is none; a {@link sentinel},
 * which is shared, is put into a marker first. Of more than 16, the latest are kept.
 */
export function attach(err: unknown, secondary: unknown): Error | undefined {
  if (isNullish(err)) return isNullish(secondary) ? undefined : ensureError(secondary);
  const error = ensureError(err);
  if (isNullish(secondary) || secondary === err) return error;
  const carrier = isSentinel(error) ? new MarkedError(error, error) : error;
  attached.set(carrier, [...attachedTo(carrier), secondary].slice(-maxAttached));
  return carrier;
}

export function attachedTo(error: object): readonly unknown[] {
  return attached.get(error) ?? [];
}
