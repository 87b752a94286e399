import { instanceTestOf, isClass, type ErrorType } from './error-type.ts';
import { find } from './find.ts';
import { notFound, search } from './walk.ts';

/** Method that a node may offer to answer {@link is}: `true` says that it matches the target. Shallow; consulted on the error, never on the target; throwing means no. */
export const matches: unique symbol = Symbol.for('@patterns/errors/matches');

/** An error (identity), a class, a `code`, or a predicate. A function is taken for a class if it was declared with `class` or its prototype is an error's. */
export type ErrorTarget = Error | ErrorType | string | ((error: unknown) => boolean);

/** Whether any node matches any of the targets. Never throws; `false` without targets and for a nullish `err`. */
export function is(err: unknown, ...targets: readonly ErrorTarget[]): boolean {
  for (const target of targets) {
    if (isMatch(err, target)) return true;
  }
  return false;
}

/** Hooks are asked last, as few errors have one; the order makes no difference to the answer. */
function isMatch(err: unknown, target: ErrorTarget): boolean {
  if (typeof target === 'function') {
    if (!isClass(target)) return find(err, target) !== undefined || search(err, isAsTold, target) !== notFound;
    if (search(err, instanceTestOf(target), target) !== notFound) return true;
  } else if (search(err, typeof target === 'string' ? hasCode : isSame, target) !== notFound) return true;
  return search(err, isAsTold, target) !== notFound;
}

function isSame(node: unknown, target: unknown): boolean {
  return node === target;
}

/** A thrown string is its own code. */
function hasCode(node: unknown, target: unknown): boolean {
  if (typeof node !== 'object') return node === target;
  try {
    return (node as { readonly code?: unknown }).code === target;
  } catch {
    return false;
  }
}

function isAsTold(node: unknown, target: unknown): boolean {
  if (typeof node !== 'object') return false;
  try {
    const hook = (node as { readonly [matches]?: unknown })[matches];
    return typeof hook === 'function' && Reflect.apply(hook as () => unknown, node, [target]) === true;
  } catch {
    return false;
  }
}
