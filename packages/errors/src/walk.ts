import { isArray, isObject } from './read.ts';

/** A guard against trees that make themselves up as they are walked: a getter that gives a new cause each time. */
const maxNodes = 1_000_000;

/** Said by {@link search} where nothing was found; `undefined` may be what was looked for. */
export const notFound: unique symbol = Symbol('not found');

/**
 * Every node once, pre-order: itself, then its `cause`, then its `errors` where that is an array. Iterative and cycle-safe; a getter that throws counts
 * as absent; `null` and `undefined` are no nodes; does not look behind {@link opaque}. Ends after a million nodes.
 */
export function walk(err: unknown): IterableIterator<unknown> {
  return walkTree(err, new Visited());
}

/**
 * The first node in the order of {@link walk} that `accepts` it, given `context`. For answers that do not change: nodes may be asked about more than once.
 *
 * The chain of causes comes first in that order, whatever branches off it, so it is followed alone, without memory: a cycle is found by Brent's algorithm
 * (R. P. Brent, "An improved Monte Carlo factorization algorithm", 1980). Most errors are found, or turn out to be chains, before a set would be filled.
 */
export function search<C>(err: unknown, accepts: (node: unknown, context: C) => boolean, context: C): unknown {
  let node = err;
  let tortoise: unknown = notFound;
  let untilMoved = 1;
  let steps = 1;
  for (; node !== undefined && node !== null; steps++) {
    if (accepts(node, context)) return node;
    if (!isObject(node) || node === tortoise) break;
    if (steps === untilMoved) {
      if (steps > maxNodes) break;
      tortoise = node;
      untilMoved *= 2;
    }
    node = causeOf(node);
  }
  return hasBranches(err, steps) ? searchTree(err, accepts, context) : notFound;
}

function hasBranches(err: unknown, length: number): boolean {
  let node = err;
  for (let left = length; left > 0 && isObject(node); left--) {
    if (errorsOf(node) !== undefined) return true;
    node = causeOf(node);
  }
  return false;
}

function searchTree<C>(err: unknown, accepts: (node: unknown, context: C) => boolean, context: C): unknown {
  for (const node of walk(err)) {
    if (accepts(node, context)) return node;
  }
  return notFound;
}

/** Where we are in the `errors` of a node. */
interface Cursor {
  readonly errors: readonly unknown[];
  next: number;
}

function* walkTree(start: unknown, visited: Visited): Generator<unknown, void, undefined> {
  const cursors: Cursor[] = [];
  let node = start;
  for (let left = maxNodes; left > 0; left--) {
    if (node !== undefined && node !== null && visited.add(node)) {
      yield node;
      if (isObject(node)) {
        const errors = errorsOf(node);
        if (errors !== undefined) cursors.push({ errors, next: 0 });
        node = causeOf(node);
        if (node !== undefined && node !== null) continue;
      }
    }
    const cursor = cursors.at(-1);
    if (cursor === undefined) return;
    node = elementOf(cursor.errors, cursor.next++);
    if (cursor.next >= lengthOf(cursor.errors)) cursors.pop();
  }
}

/** A set of objects that costs no more than an array while it is small. Primitives have no identity: each is new. */
class Visited {
  readonly #few: unknown[] = [];
  #many: Set<unknown> | undefined;

  /** Whether it was new. */
  add(node: unknown): boolean {
    if (!isObject(node)) return true;
    if (this.#many !== undefined) {
      const { size } = this.#many;
      return this.#many.add(node).size > size;
    }
    if (this.#few.includes(node)) return false;
    if (this.#few.push(node) > 16) this.#many = new Set(this.#few);
    return true;
  }
}

export function causeOf(node: object): unknown {
  try {
    return (node as { readonly cause?: unknown }).cause;
  } catch {
    return undefined;
  }
}

/** Its `errors`, if that is an array with something in it. */
export function errorsOf(node: object): readonly unknown[] | undefined {
  try {
    const { errors } = node as { readonly errors?: unknown };
    return errors !== undefined && isArray(errors) && errors.length > 0 ? errors : undefined;
  } catch {
    return undefined;
  }
}

function elementOf(errors: readonly unknown[], index: number): unknown {
  try {
    return errors[index];
  } catch {
    return undefined;
  }
}

/** A proxy of an array may say anything, and something else each time: whoever counts asks once. */
export function lengthOf(errors: readonly unknown[]): number {
  try {
    const { length } = errors;
    return Number.isSafeInteger(length) ? length : 0;
  } catch {
    return 0;
  }
}
