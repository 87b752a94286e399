import { instanceTestOf, type ErrorType } from './error-type.ts';
import { isObject, read } from './read.ts';
import { notFound, search, walk } from './walk.ts';

/** The first node that is an instance of `type`. @throws {TypeError} if `type` is no class */
export function as<E>(err: unknown, type: ErrorType<E>): E | undefined {
  assertClass(type);
  const node = search(err, instanceTestOf(type), type);
  return node === notFound ? undefined : (node as E);
}

/** All nodes that are instances of `type`, pre-order. @throws {TypeError} if `type` is no class */
export function all<E>(err: unknown, type: ErrorType<E>): E[] {
  assertClass(type);
  const found: E[] = [];
  const test = instanceTestOf(type);
  for (const node of walk(err)) {
    if (test(node, type)) found.push(node as E);
  }
  return found;
}

/** The first node that satisfies the predicate; one that throws is not satisfied. */
export function find<E>(err: unknown, predicate: (error: unknown) => error is E): E | undefined;
export function find(err: unknown, predicate: (error: unknown) => boolean): unknown;
export function find(err: unknown, predicate: (error: unknown) => boolean): unknown {
  for (const node of walk(err)) {
    try {
      if (predicate(node)) return node;
    } catch {
      // Written for another kind of error.
    }
  }
  return undefined;
}

/** A plain constructor function will do as well; what has no prototype could not have any instance. */
function assertClass(type: unknown): void {
  if (typeof type === 'function' && isObject(read(type, 'prototype'))) return;
  throw new TypeError(`type must be a class, got ${type === null ? 'null' : typeof type}`);
}
