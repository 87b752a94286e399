import type { Context } from '@patterns/context';

/** A task that ends when the test says so. */
export interface HeldTask<T = string> {
  readonly run: (ctx: Context) => Promise<T>;
  /** Undefined until it has started. */
  readonly ctx: Context | undefined;
  readonly isStarted: boolean;
  end(value: T): void;
  fail(error: unknown): void;
}

export function held<T = string>(): HeldTask<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  let given: Context | undefined;
  return {
    run: (ctx) => {
      given = ctx;
      return promise;
    },
    get ctx() {
      return given;
    },
    get isStarted() {
      return given !== undefined;
    },
    end: resolve,
    fail: reject,
  };
}

/** Lets every chain of promises that is ready run. */
export async function turns(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** What it rejects with; fails if it does not. */
export async function rejection(promise: Promise<unknown> | undefined): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was fulfilled');
}

export function swallow(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
