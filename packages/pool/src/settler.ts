/** Has the functions that settle a promise. */
export interface Settler {
  resolve: ((value: unknown) => void) | undefined;
  reject: ((error: unknown) => void) | undefined;
}

const captured: Settler = { resolve: undefined, reject: undefined };

/** One function for all promises: an executor of its own would be garbage at once, with a scope beside it. */
function capture(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

/** A promise that `settler` settles from now on. */
export function promiseOf(settler: Settler): Promise<unknown> {
  const promise = new Promise<unknown>(capture);
  settler.resolve = captured.resolve;
  settler.reject = captured.reject;
  captured.resolve = captured.reject = undefined;
  return promise;
}
