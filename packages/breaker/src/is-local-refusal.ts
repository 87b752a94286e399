import { PatternError, RemoteError, unwrap } from '@patterns/errors';

/** Of what our policies refuse before the target is asked. */
const refusals: ReadonlySet<unknown> = new Set([
  'ERR_RATE_LIMITED',
  'ERR_THROTTLED',
  'ERR_LIMIT_EXCEEDED',
  'ERR_BULKHEAD_FULL',
  'ERR_POOL_FULL',
  'ERR_POOL_CLOSED',
  'ERR_BREAKER_OPEN',
]);

/** More wrappers than anybody needs; a chain of causes may be a circle. */
const deepest = 32;

/**
 * A refusal of a policy in this process, also where it has been wrapped. Of several errors (joined, or of several attempts at once) all have
 * to be, as any other one came from the target.
 */
export function isLocalRefusal(error: unknown, depth: number = deepest): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  if (isRefusal(error)) return true;
  const cause = unwrap(error);
  if (cause !== undefined) return isLocalRefusal(cause, depth - 1);
  const errors = errorsOf(error);
  return errors.length > 0 && errors.every((one) => isLocalRefusal(one, depth - 1));
}

/** The code first, as few errors have one of these. Of another process: what it refused is what the target did. */
function isRefusal(error: object): boolean {
  try {
    const { code } = error as { readonly code?: unknown };
    return (
      (refusals.has(code) || isFutileWait(error, code)) &&
      error instanceof PatternError &&
      !(error instanceof RemoteError)
    );
  } catch {
    // A getter.
    return false;
  }
}

/** In the queue of a pool, or for a resource of which all are in use: with a cause, none could be made. */
function isFutileWait(error: object, code: unknown): boolean {
  const { phase, cause } = error as { readonly phase?: unknown; readonly cause?: unknown };
  return code === 'ERR_TASK_TIMEOUT' ? phase === 'queue' : code === 'ERR_ACQUIRE_TIMEOUT' && cause === undefined;
}

function errorsOf(error: object): readonly unknown[] {
  try {
    const { errors } = error as { readonly errors?: unknown };
    return Array.isArray(errors) ? errors : [];
  } catch {
    return [];
  }
}
