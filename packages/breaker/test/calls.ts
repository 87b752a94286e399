import type { CircuitBreaker } from '@patterns/breaker';

export const down: Error = new Error('down');

export async function succeed(breaker: CircuitBreaker, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) await breaker.execute(() => 'ok');
}

/** Made or refused. */
export async function fail(breaker: CircuitBreaker, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) await failWith(breaker, down);
}

export async function failWith(breaker: CircuitBreaker, error: unknown): Promise<void> {
  await breaker
    .execute(() => {
      throw error;
    })
    .catch(() => undefined);
}

/** A call that ends when the test says so. */
export interface PendingCall {
  readonly result: Promise<unknown>;
  succeed(value?: unknown): Promise<unknown>;
  fail(error?: unknown): Promise<unknown>;
}

export function begin(breaker: CircuitBreaker, signal?: AbortSignal): PendingCall {
  let resolve: (value: unknown) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const result = breaker.execute(
    () =>
      new Promise((resolveCall, rejectCall) => {
        resolve = resolveCall;
        reject = rejectCall;
      }),
    { signal },
  );
  const settled = result.then(
    (value) => value,
    (error: unknown) => error,
  );
  return {
    result,
    succeed(value) {
      resolve(value);
      return settled;
    },
    fail(error) {
      reject(error ?? down);
      return settled;
    },
  };
}
