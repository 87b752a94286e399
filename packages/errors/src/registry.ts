import { isSameClass } from './brand.ts';
import type { ErrorType } from './error-type.ts';
import { checkOwner } from './own-codes.ts';
import { isObject } from './read.ts';
import { shared } from './shared.ts';

/** A class that {@link deserialize} can bring back: it states its code as a static. */
export type RegisteredErrorClass = ErrorType<Error> & { readonly code: string };

/** A sentinel: its own identity. */
export type CodedError = Error & { readonly code: string };

export type Registered = RegisteredErrorClass | CodedError;

/** By code. */
export const registry: Map<string, Registered> = shared('registry', () => new Map<string, Registered>());

/**
 * Makes hand-written subclasses of {@link PatternError} known to {@link deserialize}; a subclass of a defined class with the same code takes its place.
 * As no constructor is run, what an instance holds beyond the members of {@link SerializedError} does not come back.
 * @throws {TypeError} if the code is taken by another class, be it one of this package, or by a sentinel
 */
export function register(...types: readonly RegisteredErrorClass[]): void {
  for (const type of types) {
    if (typeof type !== 'function' || typeof (type.code as unknown) !== 'string' || !isObject(prototypeOf(type))) {
      throw new TypeError('register takes classes with a static code');
    }
    checkOwner(type.code, type.name);
    const taken = registry.get(type.code);
    if (taken === undefined || isReplaceable(taken, type)) registry.set(type.code, type);
    // A base that comes after its subclass leaves that in place.
    else if (!isSameOrDerived(taken, type)) throw takenBy(type.code, taken);
  }
}

export function takenBy(code: string, taken: Registered): TypeError {
  const owner = isClassEntry(taken) ? `class ${taken.name}` : `a sentinel, '${taken.message}'`;
  return new TypeError(`code '${code}' is taken by ${owner}`);
}

/** The sentinel that has this code, if one has. */
export function sentinelOf(code: string | undefined): CodedError | undefined {
  const entry = code === undefined ? undefined : registry.get(code);
  return entry === undefined || isClassEntry(entry) ? undefined : entry;
}

export function isClassEntry(entry: Registered): entry is RegisteredErrorClass {
  return typeof entry === 'function';
}

function prototypeOf(type: object): unknown {
  return (type as { readonly prototype?: unknown }).prototype;
}

/** By a subclass, or by itself loaded again; not by its own base, though that may have the same name. */
function isReplaceable(taken: Registered, type: RegisteredErrorClass): boolean {
  return isSameOrDerived(type, taken) && !Object.prototype.isPrototypeOf.call(type, taken);
}

/** Also of a class that was loaded a second time. */
function isSameOrDerived(entry: Registered, base: Registered): boolean {
  if (!isClassEntry(base)) return false;
  for (let type: unknown = entry; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    if (isSameClass(type, base)) return true;
  }
  return false;
}
