import { checkNumber, checkType } from '@patterns/context/internal';
import { checkCount } from './check-option.ts';

/** Made by {@link lastCalls} and {@link lastMs}. */
export type TripWindowSize =
  | { readonly kind: 'calls'; readonly size: number }
  | { readonly kind: 'time'; readonly windowMs: number; readonly buckets: number };

/**
 * The last `n` calls, however long ago they were: for a target whose traffic is steady. A byte for each call, as far as there were any.
 *
 * @throws {RangeError} if `n` is no positive integer
 */
export function lastCalls(n: number): TripWindowSize {
  checkCount('n', n);
  return { kind: 'calls', size: n };
}

/**
 * The last `windowMs`, in buckets: memory is the buckets', whatever the traffic. A bucket is dropped as a whole when its beginning is
 * `windowMs` ago: a call aged exactly `windowMs` is always out, one younger than `windowMs` less one bucket always in.
 *
 * @param options - `buckets`: more of them forget more evenly. @defaultValue 10
 * @throws {RangeError} if `windowMs` is not finite and above 0, or `buckets` is no positive integer
 */
export function lastMs(windowMs: number, options?: { readonly buckets?: number | undefined }): TripWindowSize {
  const buckets = options?.buckets ?? 10;
  checkNumber('windowMs', windowMs, windowMs > 0 && windowMs < Infinity, 'finite and above 0');
  checkCount('buckets', buckets);
  return { kind: 'time', windowMs, buckets };
}

/**
 * @throws {TypeError} for what neither of the two has made
 * @throws {RangeError} for one with a number out of range
 */
export function checkTripWindowSize(option: string, size: TripWindowSize): void {
  const kind = (size as Partial<TripWindowSize> | null | undefined)?.kind;
  checkType(option, size, kind === 'calls' || kind === 'time', 'made by lastCalls or lastMs');
  if (size.kind === 'calls') lastCalls(size.size);
  else lastMs(size.windowMs, size);
}
