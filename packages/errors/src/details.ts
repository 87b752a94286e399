import type { Details } from './pattern-error.ts';
import { isArray, isObject, ownKeys, read } from './read.ts';
import { walk } from './walk.ts';

/** The `details` of all nodes in one object, the outermost winning. */
export function details(err: unknown): Details {
  const merged: Record<string, unknown> = {};
  for (const node of walk(err)) {
    const own = detailsOf(node);
    if (own === undefined) continue;
    for (const key of ownKeys(own)) {
      if (!Object.hasOwn(merged, key)) merged[key] = read(own, key);
    }
  }
  return merged;
}

/** Of one node; gRPC has a text there. */
export function detailsOf(node: unknown): object | undefined {
  const own = read(node, 'details');
  return isObject(own) && typeof own !== 'function' && !isArray(own) ? own : undefined;
}

/** Own enumerable properties but functions, which are no JSON; one called `toJSON` would put something else in the place of the others. */
export function plain(members: object): Details {
  const entries = ownKeys(members).map((key) => [key, read(members, key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== 'function'));
}
