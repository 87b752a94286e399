import { isBranded } from './brand.ts';
import { PatternError } from './pattern-error.ts';
import { isObject, read, readOwn } from './read.ts';

/** Any class, also an abstract one, whose instances are `E`. */
export type ErrorType<E = unknown> = abstract new (...args: never) => E;

/** The classes that the language brings along, by name: in another realm each of them is another class. */
export const standardErrors: ReadonlyMap<string, ErrorType<Error>> = new Map<string, ErrorType<Error>>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map((type) => [
    type.name,
    type,
  ]),
);

const standardClasses: ReadonlySet<unknown> = new Set(standardErrors.values());

const errorTags: ReadonlySet<string> = new Set(['[object Error]', '[object DOMException]']);

/** Whether it is an error, also of another realm: an iframe, a `node:vm` context, Jest's sandbox. */
export function isError(value: unknown): value is Error {
  if (!isObject(value)) return false;
  try {
    // The tag is a getter's to forge, but not to take away from an error of this realm.
    return isBranded(value) || isPrototypeOf(Error.prototype, value) || errorTags.has(tagOf(value));
  } catch {
    return false;
  }
}

/** Whether `value` is an instance of `type`; never throws. */
export type InstanceTest = (value: unknown, type: ErrorType) => boolean;

/**
 * The cheapest test that answers as `instanceof` does for this class, to be chosen once and asked for each node: `instanceof` itself looks up and calls
 * `Symbol.hasInstance` each time, which costs more than the rest of a walk.
 */
export function instanceTestOf(type: ErrorType): InstanceTest {
  const test = hasInstanceOf(type);
  if (test === ordinaryTest) return standardClasses.has(type) ? isStandardInstance : isOrdinaryInstance;
  return test === PatternError[Symbol.hasInstance] ? isPatternInstance : isCustomInstance;
}

function hasInstanceOf(type: ErrorType): unknown {
  try {
    return type[Symbol.hasInstance];
  } catch {
    return undefined;
  }
}

const ordinaryTest = Function.prototype[Symbol.hasInstance];

function isOrdinaryInstance(value: unknown, type: ErrorType): boolean {
  try {
    return ordinaryTest.call(type, value);
  } catch {
    return false;
  }
}

/** A class of ours: by prototype, or by brand if another copy made it. */
function isPatternInstance(value: unknown, type: ErrorType): boolean {
  try {
    return ordinaryTest.call(type, value) || (isBranded(value) && value instanceof type);
  } catch {
    return false;
  }
}

function isCustomInstance(value: unknown, type: ErrorType): boolean {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** An error of another realm has a standard class of the same name, but not the same class. */
function isStandardInstance(value: unknown, type: ErrorType): boolean {
  return isOrdinaryInstance(value, type) || isForeignInstance(value, type.name);
}

/**
 * A function that is a class rather than a predicate: declared with `class`, or its prototype is an error's.
 * Asked once for each call of `is`, so the source text is looked at last.
 */
export function isClass(value: unknown): value is ErrorType {
  if (typeof value !== 'function') return false;
  const prototype = read(value, 'prototype');
  if (!isObject(prototype)) return false;
  return isErrorPrototype(prototype) || /^class\b/.test(sourceOf(value));
}

function isErrorPrototype(prototype: object): boolean {
  try {
    if (prototype === Error.prototype || isPrototypeOf(Error.prototype, prototype)) return true;
    for (let proto: unknown = prototype; isObject(proto); proto = Object.getPrototypeOf(proto)) {
      // What every realm's Error.prototype looks like.
      if (readOwn(proto, 'message') === '' && typeof readOwn(proto, 'name') === 'string') return true;
    }
  } catch {
    // A proxy that hides its prototype is not taken for one.
  }
  return false;
}

/** By the names of the constructors among its ancestors, if it is an error that this realm's `Error` does not know. */
function isForeignInstance(value: unknown, name: string): boolean {
  try {
    if (!isObject(value) || isPrototypeOf(Error.prototype, value) || !errorTags.has(tagOf(value))) return false;
    for (let proto: unknown = Object.getPrototypeOf(value); isObject(proto); proto = Object.getPrototypeOf(proto)) {
      if (read(readOwn(proto, 'constructor'), 'name') === name) return true;
    }
  } catch {
    // As above.
  }
  return false;
}

function isPrototypeOf(prototype: object, value: object): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, value);
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function sourceOf(type: object): string {
  try {
    return Function.prototype.toString.call(type);
  } catch {
    return '';
  }
}
