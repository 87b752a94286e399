/** One of the platform, of another realm too, as Jest gives its tests one. Reads no `then`: that may be what starts it. */
export function isPromise(value: unknown): value is Promise<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return value instanceof Promise || Object.prototype.toString.call(value) === '[object Promise]';
  } catch {
    // A getter that throws, or a proxy.
    return false;
  }
}
