import { isClass, isInstance, type ErrorType } from './error-type.ts';
import { read } from './read.ts';
import { notFound, search, walk } from './walk.ts';

/** Method that a node may offer to answer {@link is}: `true` says that it matches the target. Shallow; consulted on the error, never on the target; throwing means no. */
export const matches: unique symbol = Symbol.for('@patterns/errors/matches');

/** An error (identity), a class, a `code`, or a predicate. A function is taken for a class if it was declared with `class` or its prototype is an error's. */
export type ErrorTarget = Error | ErrorType | string | ((error: unknown) => boolean);

/** Whether any node matches any of the targets. Never throws; `false` without targets and for a nullish `err`. */
export function is(err: unknown, ...targets: readonly ErrorTarget[]): boolean {
  if (err === undefined || err === null) return false;
  for (const target of targets) {
    if (typeof target === 'function' && !isClass(target)) return isAny(err, targets);
  }
  return targets.length === 1
    ? search(err, isMatch, targets[0]) !== notFound
    : search(err, isMatchOfAny, targets) !== notFound;
}

/** With a predicate among the targets, which is asked about each node once. */
function isAny(err: unknown, targets: readonly ErrorTarget[]): boolean {
  for (const node of walk(err)) {
    for (const target of targets) {
      if (typeof target === 'function' && !isClass(target) ? holds(target, node) : isMatch(node, target)) return true;
    }
  }
  return false;
}

function isMatchOfAny(node: unknown, targets: readonly unknown[]): boolean {
  return targets.some((target) => isMatch(node, target));
}

/** Functions are classes here. */
function isMatch(node: unknown, target: unknown): boolean {
  if (node === target) return true;
  if (typeof target === 'function' ? isInstance(node, target as ErrorType) : hasCode(node, target)) return true;
  const hook = read(node, matches);
  return typeof hook === 'function' && answers(hook, node, target);
}

function hasCode(node: unknown, target: unknown): boolean {
  return typeof target === 'string' && typeof node === 'object' && read(node, 'code') === target;
}

function answers(hook: object, node: unknown, target: unknown): boolean {
  try {
    return Reflect.apply(hook as () => unknown, node, [target]) === true;
  } catch {
    return false;
  }
}

function holds(predicate: unknown, node: unknown): boolean {
  try {
    return Boolean((predicate as (error: unknown) => unknown)(node));
  } catch {
    return false;
  }
}
