import { checkOwner } from './own-codes.ts';
import { restoreStack, setHeader, suppressStack } from './pattern-error.ts';
import { isClassEntry, registry, takenBy } from './registry.ts';
import { shared } from './shared.ts';

/**
 * An error whose identity is the point: created once, compared with {@link is}. No stack.
 * With a `code` it is registered: the same code and message give the same object again, and {@link deserialize} and {@link fromProblem} return it.
 * @throws {TypeError} if `code` is taken by a class, be it one of this package, or by a sentinel of another message
 *
 * @example
 * ```ts
 * export const EOF = errors.sentinel('end of file', { code: 'EOF' });
 * if (errors.is(error, EOF)) return;
 * ```
 */
export function sentinel(message: string): Error;
export function sentinel<const C extends string>(
  message: string,
  options: { readonly code: C },
): Error & { readonly code: C };
export function sentinel(message: string, options?: { readonly code: string }): Error {
  const code = options?.code;
  if (code === undefined) return withoutStack(message);
  checkOwner(code, undefined);
  const taken = registry.get(code);
  if (taken !== undefined) {
    if (isClassEntry(taken) || taken.message !== message) throw takenBy(code, taken);
    return taken;
  }
  const made = Object.assign(withoutStack(message), { code });
  registry.set(code, made);
  return made;
}

/** To tell what is shared by everybody from an error of one failure. */
const sentinels = shared('sentinels', () => new WeakSet());

export function isSentinel(value: object): boolean {
  return sentinels.has(value);
}

function withoutStack(message: string): Error {
  const limit = suppressStack();
  try {
    const made = new Error(message);
    setHeader(made);
    sentinels.add(made);
    return made;
  } finally {
    restoreStack(limit);
  }
}
