/** `undefined` for the part of `E` that is `null` or `undefined`; nothing for `unknown`. See {@link wrap}. */
export type NullishToUndefined<E> = [Extract<E, null | undefined>] extends [never] ? never : undefined;

/** No error, as Go's nil: `throw undefined` is the one thing that looks like it and is a failure. */
export function isNullish(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
