/**
 * Keys whose values are secret, matched on the last segment of the path:
 * `/^(pass(word|wd|phrase)?|secret|(access|refresh|id|api)[-_]?(token|key)|authorization|(set-)?cookie|private[-_]?key|credentials?)$/i`
 */
export const defaultRedact: RegExp =
  /^(pass(word|wd|phrase)?|secret|(access|refresh|id|api)[-_]?(token|key)|authorization|(set-)?cookie|private[-_]?key|credentials?)$/i;

/**
 * Which values become `'[redacted]'`, by the last segment of their path: `true` for {@link defaultRedact}, a list that replaces it (strings match exactly),
 * or a predicate. `false`: none, and round trips lose nothing.
 */
export type Redaction = boolean | readonly (string | RegExp)[] | ((key: string, value: unknown) => boolean);

export type IsSecret = (key: string, value: unknown) => boolean;

/** A predicate that throws cannot tell: what it was asked about stays secret. */
export function secretsOf(redaction: Redaction = true): IsSecret {
  if (redaction === false) return () => false;
  if (typeof redaction === 'function') {
    return (key, value) => {
      try {
        return redaction(key, value);
      } catch {
        return true;
      }
    };
  }
  const patterns = redaction === true ? [defaultRedact] : redaction;
  // `search`, unlike `test`, does not depend on what a global expression matched before.
  return (key) =>
    patterns.some((pattern) => (typeof pattern === 'string' ? pattern === key : key.search(pattern) >= 0));
}
