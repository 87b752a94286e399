/** The one of the platform, whatever the promise calls its own. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- `this` is the first argument
const then = Function.prototype.call.bind(Promise.prototype.then) as (
  promise: PromiseLike<unknown>,
  onValue: ((value: never) => unknown) | undefined,
  onError?: (error: unknown) => unknown,
) => Promise<unknown>;

/** Calls one of them, once, as `await` does: a promise may have a `then` of its own, which calls both, or twice, or throws when it has called. */
export function whenSettled<T, R>(
  result: T | PromiseLike<T>,
  onValue: ((value: T) => R | PromiseLike<R>) | undefined,
  onError?: (error: unknown) => R | PromiseLike<R>,
): Promise<R> {
  return then(Promise.resolve(result), onValue, onError) as Promise<R>;
}

/** Somebody asks for it later, or nobody will: its rejection is not unhandled. Its own `then` is left alone, as that may be what starts it. */
export function lookAfter(promise: Promise<unknown>): void {
  try {
    void then(promise, undefined, ignore);
  } catch {
    // None of the platform's, or of a class that makes no promises but its own.
  }
}

function ignore(): void {
  // Whatever it is.
}
