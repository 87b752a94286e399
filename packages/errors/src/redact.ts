/**
 * Keys whose values are secret, matched on the last segment of the path:
 * `/^(pass(word|wd|phrase)?|secret|(access|refresh|id|api)[-_]?(token|key)|authorization|(set-)?cookie|private[-_]?key|credentials?)$/i`
 */
export const defaultRedact: RegExp =
  /^(pass(word|wd|phrase)?|secret|(access|refresh|id|api)[-_]?(token|key)|authorization|(set-)?cookie|private[-_]?key|credentials?)$/i;

/**
 * Which values become `'[redacted]'`, by the last segment of their path: `true` for {@link defaultRedact}, a list that replaces it (strings match exactly),
 * or a predicate. `false`: none, and round trips lose nothing.
 *
 * For an element of an array that is its index, `'0'` for the first; for a cause that is no error `'cause'`, or its index among the `errors`.
 */
export type Redaction = boolean | readonly (string | RegExp)[] | ((key: string, value: unknown) => boolean);

/** What a secret value becomes. */
export const redacted = '[redacted]';

export type IsSecret = (key: string, value: unknown) => boolean;

/** What cannot be told stays secret: a predicate may throw, and from JavaScript there may come what is no redaction. */
export function secretsOf(redaction: Redaction | undefined): IsSecret {
  const isSecret = predicateOf(redaction ?? true);
  return (key, value) => {
    try {
      return isSecret(key, value);
    } catch {
      return true;
    }
  };
}

function predicateOf(redaction: Redaction): IsSecret {
  if (redaction === false) return () => false;
  if (typeof redaction === 'function') return redaction;
  const patterns = redaction === true ? [defaultRedact] : redaction;
  // `search`, unlike `test`, does not depend on what a global expression matched before.
  return (key) =>
    patterns.some((pattern) => (typeof pattern === 'string' ? pattern === key : key.search(pattern) >= 0));
}
