import { parseHttpDate } from './http-date.ts';
import { isArray, isObject, ownKeys, read } from './read.ts';

/** Milliseconds that the answer behind an error asks to wait: `Retry-After` of RFC 9110, section 10.2.3. */
export function retryAfterOf(error: unknown): number | undefined {
  const headers =
    read(read(error, 'response'), 'headers') ?? read(error, 'headers') ?? read(read(error, '$response'), 'headers');
  const value = retryAfterHeaderOf(headers);
  return typeof value === 'string' || typeof value === 'number' ? parse(String(value).trim()) : undefined;
}

/** The header as it stands in a `Headers` or what looks like it, or in a plain object, whose keys may be in any case. */
export function retryAfterHeaderOf(headers: unknown): unknown {
  if (!isObject(headers)) return undefined;
  let value = call(headers, 'retry-after');
  if (value === undefined || value === null) {
    const key = ownKeys(headers).find((name) => name.toLowerCase() === 'retry-after');
    value = key === undefined ? undefined : read(headers, key);
  }
  return isArray(value) ? read(value, 0) : value;
}

function call(headers: object, name: string): unknown {
  const get = read(headers, 'get');
  try {
    return typeof get === 'function' ? Reflect.apply(get as () => unknown, headers, [name]) : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds, or a date; a date that has passed means now. */
function parse(value: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const now = Date.now();
  const at = parseHttpDate(value, now);
  return at === undefined ? undefined : Math.max(0, at - now);
}
