import { checkType } from '@patterns/context/internal';

/** What `fetch` reads of an `init`, wherever that has it from; `dispatcher` is undici's. */
const members = [
  'method',
  'headers',
  'body',
  'signal',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'duplex',
  'priority',
  'window',
  'dispatcher',
];

/**
 * A copy that can be read as often as there are attempts, made by reading each member once. What is inherited is read as well, as `fetch` does:
 * that is all there is of a `Request` given as `init`.
 *
 * @throws {TypeError} for what is no object, and for headers that cannot be sent
 */
export function readInit(init: RequestInit): RequestInit {
  checkType('init', init, typeof init === 'object' && (init as unknown) !== null, 'an object');
  const read: RequestInit = { ...init };
  for (const member of members) {
    const value = member in read ? undefined : (init as Record<string, unknown>)[member];
    if (value !== undefined) Object.assign(read, { [member]: value });
  }
  // It may be one that can be read only once, such as the entries of a map.
  if (isIterable(read.headers) && !Array.isArray(read.headers)) read.headers = new Headers(read.headers);
  return read;
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
