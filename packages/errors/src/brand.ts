/**
 * What two installed copies of this package, or its ES module and its CommonJS build, agree on. Symbols of the global registry, so that each copy
 * finds the same ones.
 */
export const brand: symbol = Symbol.for('@patterns/errors/brand');
/** What {@link opaque} hides. */
export const hidden: symbol = Symbol.for('@patterns/errors/hidden');
/** What {@link mark} refers to. */
export const reference: symbol = Symbol.for('@patterns/errors/reference');
/** What a deserialised error was said to be on the other side. */
export const statement: symbol = Symbol.for('@patterns/errors/statement');

export function isBranded(value: unknown): boolean {
  try {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  } catch {
    return false;
  }
}

/** Adds what belongs to every instance without showing up in logs or loops. */
export function defineHidden(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
}

interface NamedClass {
  readonly name?: unknown;
  readonly code?: unknown;
}

/** Classes of two copies of one module: they have the same name and state the same code. */
export function isSameClass(one: NamedClass, other: NamedClass): boolean {
  return one === other || (typeof one.code === 'string' && one.code === other.code && one.name === other.name);
}

/**
 * `Symbol.hasInstance` of every class here: by prototype, or else by a class of the same name and code among the ancestors of a branded value.
 * A class that states no code as a static is known by its prototype alone; a name is not enough to tell two of them apart.
 */
export function isInstanceAcrossCopies(type: NamedClass & { readonly prototype: object }, value: unknown): boolean {
  try {
    if (Function.prototype[Symbol.hasInstance].call(type, value)) return true;
    if (typeof type.code !== 'string' || !isBranded(value)) return false;
    for (let proto: unknown = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
      const { constructor } = proto as { readonly constructor?: NamedClass };
      if (constructor?.code === type.code && isSameClass(constructor, type)) return true;
    }
    return false;
  } catch {
    return false;
  }
}
