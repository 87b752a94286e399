import { isObject } from './read.ts';

export type Ok<T> = { readonly ok: true; readonly value: T; readonly error?: undefined };
export type Err<E> = { readonly ok: false; readonly error: E; readonly value?: undefined };
/** Discriminated by `ok`, also when destructured. */
export type Result<T, E = unknown> = Ok<T> | Err<E>;

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/** Runs `fn` and catches; a promise is awaited. */
export function tryCatch<T>(fn: () => PromiseLike<T>): Promise<Result<T>>;
export function tryCatch<T>(fn: () => T): Result<T>;
export function tryCatch<T>(fn: () => T | PromiseLike<T>): Result<T> | Promise<Result<T>> {
  try {
    const value = fn();
    return isThenable(value) ? fromPromise(value) : ok(value);
  } catch (error) {
    return err(error);
  }
}

/** Never rejects. A native promise, so that stack traces run through it. */
export async function fromPromise<T>(promise: PromiseLike<T>): Promise<Result<T>> {
  try {
    return ok(await promise);
  } catch (error) {
    return err(error);
  }
}

export function mapOk<T, E, U>(result: Result<T, E>, fn: (value: T) => U): Result<U, E> {
  return result.ok ? ok(fn(result.value)) : result;
}

export function mapErr<T, E, F>(result: Result<T, E>, fn: (error: E) => F): Result<T, F> {
  return result.ok ? result : err(fn(result.error));
}

export function andThen<T, E, U, F>(result: Result<T, E>, fn: (value: T) => Result<U, F>): Result<U, E | F> {
  return result.ok ? fn(result.value) : result;
}

export function unwrapOr<T, U>(result: Result<T>, fallback: U): T | U {
  return result.ok ? result.value : fallback;
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isObject(value) && typeof (value as { readonly then?: unknown }).then === 'function';
}
