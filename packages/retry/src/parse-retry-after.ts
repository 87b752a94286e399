import { parseHttpDate } from '@patterns/errors';

/**
 * `Retry-After`, in milliseconds from `now` (epoch, `Date.now()` by default): seconds (a non-negative integer) or an HTTP date.
 * A past date is 0, anything else `undefined`. Stricter than `Date.parse`, to which `-5` and `1.5` are dates.
 *
 * @example
 * ```ts
 * parseRetryAfter('120'); // 120_000
 * ```
 * @see RFC 9110, sections 10.2.3 and 5.6.7
 */
export function parseRetryAfter(header: string | null | undefined, now: number = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text, now);
  return at === undefined ? undefined : Math.max(0, at - now);
}
