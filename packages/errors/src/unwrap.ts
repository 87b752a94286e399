import { causeOf } from './walk.ts';
import { isObject } from './read.ts';

/** The `cause`, or `undefined`: for leaves, and for joined errors. */
export function unwrap(err: unknown): unknown {
  return isObject(err) ? (causeOf(err) ?? undefined) : undefined;
}

/** The last of the chain of causes; `err` itself if it has none. In a cycle, the last one before it closes. */
export function root(err: unknown): unknown {
  const seen = new Set<unknown>();
  let last = err;
  for (let node = err; node !== undefined && !seen.has(node); node = unwrap(node)) {
    last = node;
    if (isObject(node)) seen.add(node);
  }
  return last;
}
