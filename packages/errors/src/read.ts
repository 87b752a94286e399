/** A property of a value that may be hostile: a getter that throws, or a revoked proxy, has no properties. */
export function read(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value)) return undefined;
  try {
    return (value as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Own properties only: what a parsed document says, not what its prototype adds. */
export function readOwn(value: unknown, key: PropertyKey): unknown {
  try {
    return isObject(value) && Object.hasOwn(value, key) ? read(value, key) : undefined;
  } catch {
    return undefined;
  }
}

export function readString(value: unknown, key: PropertyKey): string | undefined {
  const property = read(value, key);
  return typeof property === 'string' ? property : undefined;
}

/** Names of own enumerable properties; none for what does not tell. `__proto__` is left out: assigned to another object it would be its prototype. */
export function ownKeys(value: object): string[] {
  try {
    return Object.keys(value).filter((key) => key !== '__proto__');
  } catch {
    return [];
  }
}

/** `Array.isArray` throws for a revoked proxy. */
export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
