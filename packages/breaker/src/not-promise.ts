/** `never` for a promise, so that an async function does not fit where a plain one is asked for. */
export type NotPromise<T> = T extends PromiseLike<unknown> ? never : T;
